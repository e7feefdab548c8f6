package io.starling.node.api.http;

import io.starling.node.api.rest.Answer;
import io.starling.node.api.rest.Problem;
import io.starling.node.api.rest.RestApi;
import io.starling.node.api.rest.SocketSink;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.internal.http.WebSocketInternal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One WebSocket. A message is read when the one before is done with; what is sent waits for its
/// turn, so a slow client holds up itself and nothing else.
final class SocketStream implements SocketSink {

  static final int MESSAGE_BYTES_MAX = 65_536;

  /// Pings in a row that are answered while the client takes nothing. Those that come in one read
  /// are answered together, so a burst is no fault yet.
  static final int UNHEARD_PONGS_MAX = 1_000;

  private static final Duration CHECK = Duration.ofSeconds(15);
  private static final Duration CLOSING_MAX = Duration.ofSeconds(5);
  private static final short SERVER_STOPS = 1001;
  private static final short POLICY = 1008;
  private static final short NOT_TEXT = 1003;
  private static final short NOT_UTF_8 = 1007;
  private static final short TOO_LARGE = 1009;
  private static final short BUG = 1011;
  private static final Logger LOG = LoggerFactory.getLogger(SocketStream.class);

  private final Exchange exchange;
  private final ServerWebSocket socket;
  private final Duration taken;
  private final ReentrantLock turn = new ReentrantLock();

  // A message, or nothing when the connection is over. At most one message is asked for at a time.
  private final LinkedBlockingQueue<Optional<String>> arrived = new LinkedBlockingQueue<>();

  // Both touched on the event loop only. Bytes, for a character may be split between frames.
  private Optional<Buffer> message = Optional.empty();
  private int unheardPongs;
  private volatile boolean isClosed;

  private SocketStream(Exchange exchange, ServerWebSocket socket, Duration taken) {
    this.exchange = exchange;
    this.taken = taken;
    this.socket = socket;
  }

  /// Upgrades the request and stays until the connection ends, from either side.
  ///
  /// @param check fails when the client may no longer talk here
  static void serve(
      Exchange exchange, HttpLimits limits, RestApi.Check check, Answer.Opening opening)
      throws InterruptedException {
    var stream = open(exchange, limits);
    if (stream.isEmpty()) {
      return;
    }
    try (var talk = opening.open(stream.get())) {
      stream.get().converse(talk, check);
    } catch (Problem noLonger) {
      stream.get().close(POLICY, "no longer admitted");
    } catch (RuntimeException | AssertionError bug) {
      LOG.error("a WebSocket met a bug", bug);
      stream.get().close(BUG, "the node met a bug; its log says more");
    } finally {
      stream.get().close(SERVER_STOPS, "the node stops, or is done");
    }
  }

  private static Optional<SocketStream> open(Exchange exchange, HttpLimits limits)
      throws InterruptedException {
    Promise<SocketStream> opened = Promise.promise();
    exchange
        .context()
        .runOnContext(_ ->
            exchange
                .upgrade()
                .map(socket -> {
                  var stream = new SocketStream(exchange, socket, limits.taken());
                  stream.listen();
                  return stream;
                })
                .onComplete(opened));
    try {
      return Optional.of(
          opened
              .future()
              .toCompletionStage()
              .toCompletableFuture()
              .get(limits.upgrade().toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException noUpgrade) {
      LOG.debug("no WebSocket: {}", noUpgrade.getMessage());
      return Optional.empty();
    } catch (TimeoutException | InterruptedException givenUp) {
      // Nobody would talk on it, and nothing else would end it but the client.
      opened.future().onSuccess(late -> late.close(SERVER_STOPS, "too late"));
      if (givenUp instanceof InterruptedException stopping) {
        throw stopping;
      }
      LOG.debug("no WebSocket within {}", limits.upgrade());
      return Optional.empty();
    }
  }

  private void listen() {
    socket.pause();
    socket.frameHandler(this::frame);
    socket.closeHandler(_ -> over());
    socket.exceptionHandler(broken -> {
      LOG.debug("a WebSocket broke: {}", broken.getMessage());
      close(TOO_LARGE, "a message cannot be read, or is too large");
    });
    socket.fetch(1);
  }

  private void frame(WebSocketFrame frame) {
    switch (frame.type()) {
      case TEXT -> part(Buffer.buffer(), frame);
      case CONTINUATION ->
          message.ifPresentOrElse(
              begun -> part(begun, frame), () -> close(NOT_TEXT, "messages are JSON text"));
      case BINARY -> close(NOT_TEXT, "messages are JSON text");
      case PING -> pinged();
      case PONG, CLOSE -> {}
    }
  }

  // Frames are asked for one by one; those of one message are put together here.
  private void part(Buffer begun, WebSocketFrame frame) {
    var all = begun.appendBuffer(frame.binaryData());
    message = frame.isFinal() ? Optional.empty() : Optional.of(all);
    if (all.length() > MESSAGE_BYTES_MAX) {
      close(TOO_LARGE, "at most " + MESSAGE_BYTES_MAX + " bytes a message; send more by REST");
    } else if (frame.isFinal()) {
      whole(all.getBytes());
    } else {
      socket.fetch(1);
    }
  }

  private void whole(byte[] bytes) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      arrived.add(Optional.of(text.toString()));
    } catch (CharacterCodingException malformed) {
      LOG.debug("a WebSocket's message is no text: {}", malformed.getMessage());
      close(NOT_UTF_8, "messages are UTF-8");
    }
  }

  // Each is answered below this, at once and whether or not the client takes the answers.
  private void pinged() {
    if (isClosed || socket.isClosed()) {
      return;
    }
    unheardPongs = socket.writeQueueFull() ? unheardPongs + 1 : 0;
    if (unheardPongs > UNHEARD_PONGS_MAX) {
      cutOff();
    }
  }

  private void over() {
    isClosed = true;
    arrived.add(Optional.empty());
  }

  private void converse(Answer.Talk talk, RestApi.Check check)
      throws Problem, InterruptedException {
    while (true) {
      var next = arrived.poll(CHECK.toMillis(), TimeUnit.MILLISECONDS);
      check.stillAdmitted();
      if (next == null) {
        continue;
      }
      if (next.isEmpty()) {
        return;
      }
      talk.take(next.get());
      exchange.context().runOnContext(_ -> socket.fetch(1));
    }
  }

  @Override
  public void send(List<String> messages) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      if (!isClosed) {
        write(messages);
      }
    } finally {
      turn.unlock();
    }
  }

  private void write(List<String> messages) throws InterruptedException {
    Promise<Void> done = Promise.promise();
    exchange
        .context()
        .runOnContext(_ -> {
          Future<Void> last = Future.succeededFuture();
          for (var message : messages) {
            last = socket.writeTextMessage(message);
          }
          last.onComplete(done);
        });
    try {
      done.future()
          .toCompletionStage()
          .toCompletableFuture()
          .get(taken.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException slow) {
      LOG.debug("a WebSocket's client takes nothing: {}", slow.getMessage());
      close(POLICY, "messages were not taken in time; resume with the last token");
    } catch (ExecutionException gone) {
      LOG.debug("a WebSocket is gone: {}", gone.getMessage());
      over();
    }
  }

  // On the event loop. A close goes by the way of all messages, so it waits for what a client does
  // not take. This does not, for it begins below the handler that would close in order.
  private void cutOff() {
    ((WebSocketInternal) socket).channelHandlerContext().close();
    over();
  }

  @Override
  public void close(int code, String reason) {
    exchange
        .context()
        .runOnContext(_ -> {
          if (!socket.isClosed()) {
            var _ = socket.close((short) code, reason);
            exchange.context().owner().setTimer(CLOSING_MAX.toMillis(), _ -> cutOff());
          }
        });
    // Last, for it brings on a close with another code.
    over();
  }
}
