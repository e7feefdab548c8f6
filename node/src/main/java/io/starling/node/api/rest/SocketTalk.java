package io.starling.node.api.rest;

import io.starling.crdt.encoding.MalformedException;
import io.starling.node.json.JsonText;
import io.starling.node.json.ViewJson;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is said over one WebSocket: transactions and watches, each under a number of the client's.
///
/// Messages are taken one after another. A transaction does not hold up those behind it: up to
/// [#TRANSACTIONS_MAX] are under way; then nothing more is read until the client has taken an
/// answer.
final class SocketTalk implements Answer.Talk {

  /// Transactions of one connection that are under way.
  static final int TRANSACTIONS_MAX = 64;

  /// Watches of one connection; a further one is refused.
  static final int WATCHES_MAX = 32;

  private static final Logger LOG = LoggerFactory.getLogger(SocketTalk.class);
  private static final int GATHERED_BYTES = 64 * 1024;

  private final Gate gate;
  private final Call call;
  private final SocketSink sink;
  private final Semaphore transactions = new Semaphore(TRANSACTIONS_MAX);
  private final Map<Long, Watch> watches = new ConcurrentHashMap<>();
  private volatile boolean isClosed;

  SocketTalk(Gate gate, Call call, SocketSink sink) {
    this.gate = gate;
    this.call = call;
    this.sink = sink;
  }

  @Override
  public void take(String message) throws InterruptedException {
    long id = -1;
    try {
      var in = JsonObject.of(JsonText.parse(message.getBytes(StandardCharsets.UTF_8)), "a message");
      var number = in.whole("id");
      if (number.isEmpty() || number.get() < 0) {
        throw in.wrong("needs 'id', a whole number from 0 on");
      }
      id = number.get();
      take(id, in);
    } catch (MalformedException malformed) {
      problem(id, Problem.malformed("A message cannot be read: " + malformed.getMessage() + "."));
    } catch (Problem problem) {
      problem(id, problem);
    }
  }

  private void take(long id, JsonObject in) throws Problem, InterruptedException {
    var apply = in.value("apply");
    var watch = in.value("watch");
    var cancel = in.truth("cancel");
    in.finish();
    if (apply.isPresent() && watch.isEmpty() && cancel.isEmpty()) {
      apply(id, JsonObject.of(apply.get(), "'apply'"));
    } else if (watch.isPresent() && apply.isEmpty() && cancel.isEmpty()) {
      watch(id, JsonObject.of(watch.get(), "'watch'"));
    } else if (cancel.orElse(false) && apply.isEmpty() && watch.isEmpty()) {
      cancel(id);
    } else {
      throw in.wrong("needs one of 'apply', 'watch' and 'cancel'");
    }
  }

  private void apply(long id, JsonObject in) throws Problem, InterruptedException {
    var space = gate.writable(call.who(), in.optionalText("space").orElse("main"));
    var context = token(in, "context");
    var unchanged = token(in, "unchangedSince");
    var name = in.optionalText("idempotencyKey");
    var items = in.array("mutations");
    in.finish();
    if (items.isEmpty()) {
      throw in.wrong("needs 'mutations', an array");
    }
    var mutations = MutationJson.ofTransaction(items.get());
    if (context.isPresent()) {
      gate.await(space, context.get(), call);
    }
    if (unchanged.isPresent()) {
      gate.await(space, unchanged.get(), call);
    }
    var key = TransactionEndpoints.key(name, mutations);
    transactions.acquire();
    space
        .submit(new Request(call.who().name(), key, context, unchanged, mutations))
        .thenAccept(outcome -> Thread.startVirtualThread(() -> answered(id, outcome)));
  }

  private void answered(long id, Outcome outcome) {
    try {
      switch (outcome) {
        case Outcome.Committed(var token, int operations, boolean isRepeat) ->
            send(
                id,
                out -> {
                  out.writeObjectFieldStart("applied");
                  out.writeNumberField("operations", operations);
                  out.writeStringField("token", token.toText());
                  if (isRepeat) {
                    out.writeBooleanField("repeat", true);
                  }
                  out.writeEndObject();
                });
        case Outcome.Refused refused -> problem(id, Problem.of(refused));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      transactions.release();
    }
  }

  private void watch(long id, JsonObject in) throws Problem {
    var space = gate.readable(call.who(), in.optionalText("space").orElse("main"));
    var prefix = in.optionalText("prefix").orElse("");
    var form = KeyEndpoints.form(in.optionalText("form").orElse("value"));
    var from = WatchEndpoint.from(token(in, "resume"), in.optionalText("from"));
    in.finish();
    if (watches.containsKey(id)) {
      throw Problem.invalid("A watch runs under the id " + id + "; choose another.");
    }
    if (watches.size() >= WATCHES_MAX) {
      throw Problem.of(
          Problem.Kind.EXHAUSTED,
          "%d watches run on this connection, the most allowed. Cancel one, or connect again."
              .formatted(WATCHES_MAX));
    }
    var telling = new Telling(id, form);
    watches.put(id, space.watch(prefix, from, telling));
    // It may have ended, or the connection, before it stood there.
    if (telling.isOver) {
      watches.remove(id);
    }
    if (isClosed) {
      close();
    }
  }

  private void cancel(long id) throws Problem {
    var watch = watches.remove(id);
    if (watch == null) {
      throw Problem.invalid("No watch runs under the id " + id + ".");
    }
    watch.close();
  }

  private static Optional<Token> token(JsonObject in, String field) throws Problem {
    var text = in.optionalText(field);
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Token.fromText(text.get()));
    } catch (MalformedException malformed) {
      throw Problem.malformed("'" + field + "' is no token: " + malformed.getMessage() + ".");
    }
  }

  @Override
  public void close() {
    isClosed = true;
    watches.values().forEach(Watch::close);
    watches.clear();
  }

  private void problem(long id, Problem problem) throws InterruptedException {
    send(
        id,
        out -> {
          out.writeObjectFieldStart("problem");
          problem.fields(out);
          out.writeEndObject();
        });
  }

  private void send(long id, JsonPrint.Printer fields) throws InterruptedException {
    sink.send(List.of(message(id, fields)));
  }

  private static String message(long id, JsonPrint.Printer fields) {
    byte[] json =
        JsonPrint.bytes(out -> {
          out.writeStartObject();
          if (id >= 0) {
            out.writeNumberField("id", id);
          }
          fields.print(out);
          out.writeEndObject();
        });
    return new String(json, StandardCharsets.UTF_8);
  }

  /// Tells the client of one watch.
  private final class Telling implements Watch.Listener {
    private final long id;
    private final Optional<ViewJson.Form> form;
    private final List<String> gathered = new ArrayList<>();
    private int gatheredBytes;
    private volatile boolean isOver;

    private Telling(long id, Optional<ViewJson.Form> form) {
      this.id = id;
      this.form = form;
    }

    @Override
    public void tell(WatchEvent event) throws InterruptedException {
      var message =
          message(
              id,
              out -> {
                out.writeStringField("event", WatchJson.name(event));
                WatchJson.fields(out, event, form);
              });
      gathered.add(message);
      gatheredBytes += message.length();
      if (WatchJson.isHandedOn(event) || gatheredBytes >= GATHERED_BYTES) {
        sink.send(List.copyOf(gathered));
        gathered.clear();
        gatheredBytes = 0;
      }
    }

    @Override
    public void ended(Watch.End end) {
      isOver = true;
      watches.remove(id);
      try {
        send(
            id,
            out -> {
              out.writeStringField("event", "end");
              WatchJson.end(out, end);
            });
      } catch (InterruptedException _) {
        LOG.debug("a watch ends while its connection does");
        Thread.currentThread().interrupt();
      }
    }
  }
}
