package io.starling.node.api.rest;

import io.starling.crdt.encoding.MalformedException;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.node.space.Space;
import io.starling.replica.batch.RequestKey;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.RequestKeys;
import java.util.List;
import java.util.Optional;

/// Changing keys.
final class TransactionEndpoints {

  /// Names a transaction, so that sending it again does not make it twice.
  static final String KEY = "Idempotency-Key";

  /// Refuses a transaction whose keys have changed since a token.
  static final String UNCHANGED = "If-Match";

  private static final int DONE = 200;

  // It stands, but not yet where it was asked to.
  private static final int ACCEPTED = 202;

  private final Gate gate;
  private final Durabilities durabilities;

  TransactionEndpoints(Gate gate, Durabilities durabilities) {
    this.gate = gate;
    this.durabilities = durabilities;
  }

  Answer put(Call call) throws Problem, InterruptedException {
    var space = gate.writable(call);
    var path = path(call);
    var rule = MutationJson.rule(call.parameter("rule").orElse("latest"));
    return submit(call, space, List.of(new Mutation.Set(path, JsonObject.body(call), rule)));
  }

  Answer patch(Call call) throws Problem, InterruptedException {
    var space = gate.writable(call);
    var path = path(call);
    return submit(call, space, List.of(MutationJson.merge(path, JsonObject.body(call), true)));
  }

  Answer post(Call call) throws Problem, InterruptedException {
    var space = gate.writable(call);
    return submit(call, space, MutationJson.ofKey(call.name("key"), JsonObject.body(call)));
  }

  Answer delete(Call call) throws Problem, InterruptedException {
    var space = gate.writable(call);
    return submit(call, space, List.of(new Mutation.Remove(path(call))));
  }

  Answer transact(Call call) throws Problem, InterruptedException {
    var space = gate.writable(call);
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var mutations = body.array("mutations");
    var context = gate.token(call, Gate.TOKEN, "context", body.optionalText("context"));
    var unchanged = body.optionalText("unchangedSince");
    body.finish();
    if (mutations.isEmpty()) {
      throw body.wrong("needs 'mutations', an array");
    }
    if (unchanged.isPresent() && call.header(UNCHANGED).isPresent()) {
      throw Problem.malformed(
          "'unchangedSince' and the header If-Match are two ways to say one thing. Send one.");
    }
    var since =
        unchanged.isPresent()
            ? Optional.of(token(unchanged.get(), "'unchangedSince'"))
            : unchanged(call.header(UNCHANGED));
    var all = MutationJson.ofTransaction(mutations.get());
    return submit(call, space, request(call, context, since, all));
  }

  /// Asks other members to sign for what a token covers, at any time.
  Answer acknowledge(Call call) throws Problem, InterruptedException {
    var space = gate.readable(call);
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var text = body.text("token");
    var level = Durabilities.level(body.text("durability"));
    body.finish();
    var token = token(text, "'token'");
    Durabilities.requireReachable(space, level);
    gate.await(space, token, call);
    var durability = durabilities.await(call, space, token, level);
    return Answer.json(
        durability.isReached() ? DONE : ACCEPTED,
        out -> {
          out.writeStartObject();
          durabilities.write(out, space, durability);
          out.writeEndObject();
        });
  }

  private static io.starling.crdt.cell.Path path(Call call) throws Problem {
    return MutationJson.path(call.name("key"), call.parameters("field"));
  }

  private Answer submit(Call call, Space space, List<Mutation> mutations)
      throws Problem, InterruptedException {
    var context = gate.token(call, Gate.TOKEN);
    var since = unchanged(call.header(UNCHANGED));
    return submit(call, space, request(call, context, since, mutations));
  }

  private Answer submit(Call call, Space space, Request request)
      throws Problem, InterruptedException {
    var level = durabilities.level(call);
    if (level.isPresent()) {
      Durabilities.requireReachable(space, level.get());
    }
    if (request.context().isPresent()) {
      gate.await(space, request.context().get(), call);
    }
    if (request.unchangedSince().isPresent()) {
      gate.await(space, request.unchangedSince().get(), call);
    }
    return switch (Gate.get(space.submit(request))) {
      case Outcome.Committed committed -> answer(call, space, committed, level);
      case Outcome.Refused refused -> throw Problem.of(refused);
    };
  }

  private static Request request(
      Call call, Optional<Token> context, Optional<Token> since, List<Mutation> mutations)
      throws Problem {
    return new Request(
        call.who().name(), key(call.header(KEY), mutations), context, since, mutations);
  }

  /// The name of a transaction; the quotes of the standard's form may be left out.
  static Optional<RequestKey> key(Optional<String> header, List<Mutation> mutations)
      throws Problem {
    if (header.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(RequestKeys.of(unquoted(header.get()), mutations));
    } catch (IllegalArgumentException refused) {
      throw Problem.malformed("The Idempotency-Key is none: " + refused.getMessage() + ".");
    }
  }

  private static Optional<Token> unchanged(Optional<String> header) throws Problem {
    return header.isEmpty()
        ? Optional.empty()
        : Optional.of(token(unquoted(header.get()), "The header " + UNCHANGED));
  }

  private static Token token(String text, String where) throws Problem {
    try {
      return Token.fromText(text);
    } catch (MalformedException malformed) {
      throw Problem.malformed(where + " is no token: " + malformed.getMessage() + ".");
    }
  }

  private static String unquoted(String text) {
    return text.strip().replaceFirst("^\"(.*)\"$", "$1");
  }

  private Answer answer(Call call, Space space, Outcome.Committed committed, Optional<Level> level)
      throws Problem, InterruptedException {
    Optional<Durability> durability =
        level.isPresent()
            ? Optional.of(durabilities.await(call, space, committed.token(), level.get()))
            : Optional.empty();
    var text = committed.token().toText();
    boolean isThere = durability.map(Durability::isReached).orElse(true);
    return Gate.tokened(
        text,
        Answer.json(
            isThere ? DONE : ACCEPTED,
            out -> {
              out.writeStartObject();
              out.writeNumberField("operations", committed.operations());
              out.writeStringField("token", text);
              if (committed.isRepeat()) {
                out.writeBooleanField("repeat", true);
              }
              if (durability.isPresent()) {
                durabilities.write(out, space, durability.get());
              }
              out.writeEndObject();
            }));
  }
}
