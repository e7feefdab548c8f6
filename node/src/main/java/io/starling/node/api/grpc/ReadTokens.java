package io.starling.node.api.grpc;

import com.google.protobuf.ByteString;
import io.grpc.StatusException;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.space.Space;
import io.starling.replica.message.Token;
import java.time.Duration;
import java.util.Optional;

/// Read tokens in requests, and the wait for what they cover.
final class ReadTokens {

  private static final Duration WAIT = Duration.ofSeconds(5);
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  private ReadTokens() {}

  /// The token of a field that may be empty.
  static Optional<Token> read(ByteString bytes) throws StatusException {
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Token.fromBytes(bytes.toByteArray()));
    } catch (MalformedException refused) {
      throw Refusals.malformedToken(refused);
    }
  }

  static ByteString write(Token token) {
    return ByteString.copyFrom(token.toBytes());
  }

  /// How long a read waits for its token.
  static Duration wait(Optional<com.google.protobuf.Duration> asked) throws StatusException {
    if (asked.isEmpty()) {
      return WAIT;
    }
    var duration = asked.get();
    long seconds = duration.getSeconds();
    int nanos = duration.getNanos();
    if (seconds < 0 || nanos < 0 || seconds > WAIT_MAX.toSeconds()) {
      throw Refusals.invalid("a wait is between 0 and " + WAIT_MAX.toSeconds() + " seconds");
    }
    return Duration.ofSeconds(seconds, nanos);
  }

  /// Returns when the space covers what is in the field, at once if that is empty.
  static void await(Space space, ByteString bytes, Duration wait) throws StatusException {
    var token = read(bytes);
    if (token.isEmpty()) {
      return;
    }
    switch (space.covers(token.get(), wait).toCompletableFuture().join()) {
      case COVERED -> {}
      case NOT_YET -> throw Refusals.notYet();
      case FOREIGN -> throw Refusals.foreignToken();
    }
  }
}
