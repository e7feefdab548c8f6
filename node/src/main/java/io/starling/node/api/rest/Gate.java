package io.starling.node.api.rest;

import io.starling.crdt.encoding.MalformedException;
import io.starling.node.access.Principal;
import io.starling.node.space.Absence;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.replica.message.Token;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The way to a space: whether a caller may go there, and whether the node is far enough.
final class Gate {

  /// Carries a read token, base64url, both ways.
  static final String TOKEN = "Starling-Token";

  /// How long to wait for what a token names: `250ms`, `5s`; at most a minute.
  static final String WAIT = "Starling-Wait";

  /// Longest token, as text, that an answer carries in its header too: a longer one could not be
  /// sent back in one, for it would not fit the head of a request.
  static final int HEADER_TOKEN_MAX = 6_000;

  private static final Duration WAIT_DEFAULT = Duration.ofSeconds(5);
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  // Only a disk that hangs takes so long; the caller is told that the outcome is open.
  private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

  private final Spaces spaces;

  Gate(Spaces spaces) {
    this.spaces = spaces;
  }

  /// The space that a call names, to read.
  Space readable(Call call) throws Problem {
    return readable(call.who(), call.name("space"));
  }

  /// A space by its name, to read.
  Space readable(Principal who, String name) throws Problem {
    if (!who.mayRead(name)) {
      throw forbidden("read", name);
    }
    return spaces.find(name).orElseThrow(() -> absent(name));
  }

  private Problem absent(String name) {
    var why = spaces.absence(name);
    var message = sentence(why.message(name));
    return switch (why) {
      case Absence.Unknown() ->
          Problem.of(
              Problem.Kind.UNKNOWN_SPACE, message + " GET /api/v1/spaces lists those there are.");
      case Absence.Dropped _ -> Problem.of(Problem.Kind.UNKNOWN_SPACE, message);
      case Absence.Elsewhere _ -> Problem.of(Problem.Kind.NOT_HOSTED, message);
    };
  }

  private static String sentence(String message) {
    return Character.toUpperCase(message.charAt(0)) + message.substring(1) + ".";
  }

  /// The space that a call names, to write.
  Space writable(Call call) throws Problem {
    return writable(call.who(), call.name("space"));
  }

  /// A space by its name, to write.
  Space writable(Principal who, String name) throws Problem {
    if (!who.mayWrite(name)) {
      throw forbidden("write to", name);
    }
    return readable(who, name);
  }

  /// The token that a call carries in a header.
  Optional<Token> token(Call call, String header) throws Problem {
    var text = call.header(header);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Token.fromText(text.get()));
    } catch (MalformedException malformed) {
      throw Problem.malformed(
          "The header %s is no read token: %s. Send one that an answer carried, unchanged."
              .formatted(header, malformed.getMessage()));
    }
  }

  /// The token that a call carries in a header, or in its body if it is too long for that.
  ///
  /// @param field of the body, and what stands there
  Optional<Token> token(Call call, String header, String field, Optional<String> inBody)
      throws Problem {
    if (inBody.isEmpty()) {
      return token(call, header);
    }
    if (call.header(header).isPresent()) {
      throw Problem.malformed(
          "'%s' and the header %s are two ways to say one thing. Send one."
              .formatted(field, header));
    }
    try {
      return Optional.of(Token.fromText(inBody.get()));
    } catch (MalformedException malformed) {
      throw Problem.malformed("'" + field + "' is no token: " + malformed.getMessage() + ".");
    }
  }

  /// An answer with its token in the header too, if that can take it.
  static Answer.Whole tokened(String token, Answer.Whole answer) {
    return token.length() > HEADER_TOKEN_MAX ? answer : answer.with(TOKEN, token);
  }

  /// Waits until the node has applied what a token names.
  void await(Space space, Token token, Call call) throws Problem, InterruptedException {
    var wait = wait(call);
    switch (get(space.covers(token, wait), wait.plus(ANSWER_MAX))) {
      case COVERED -> {}
      case NOT_YET ->
          throw Problem.of(
              Problem.Kind.NOT_YET,
              "This node has not applied yet what the token names. Try again, wait longer with "
                  + WAIT
                  + ", or ask the node that gave the token.");
      case FOREIGN ->
          throw Problem.of(
              Problem.Kind.FOREIGN_TOKEN,
              "The token is of another space or cluster, or of a branch that this node does not"
                  + " have. Read again without it.");
    }
  }

  /// The outcome of a stage, waited for on this virtual thread.
  static <T> T get(CompletionStage<T> stage, Duration atMost) throws Problem, InterruptedException {
    try {
      return stage.toCompletableFuture().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw Problem.of(
          Problem.Kind.UNAVAILABLE,
          "The node did not answer in time. A write may or may not be done: read before repeating"
              + " it.");
    } catch (ExecutionException bug) {
      throw new AssertionError("the façade never completes exceptionally", bug);
    }
  }

  static <T> T get(CompletionStage<T> stage) throws Problem, InterruptedException {
    return get(stage, ANSWER_MAX);
  }

  /// How long a call wants to wait.
  static Duration wait(Call call) throws Problem {
    var text = call.header(WAIT);
    if (text.isEmpty()) {
      return WAIT_DEFAULT;
    }
    var digits = text.get().replaceAll("[^0-9].*", "");
    if (!text.get().matches("[0-9]{1,6}(ms|s)")) {
      throw Problem.malformed("The header " + WAIT + " must be like 250ms or 5s.");
    }
    long number = Long.parseLong(digits);
    var wait = text.get().endsWith("ms") ? Duration.ofMillis(number) : Duration.ofSeconds(number);
    if (wait.compareTo(WAIT_MAX) > 0) {
      throw Problem.malformed("The header " + WAIT + " allows at most 60s.");
    }
    return wait;
  }

  private static Problem forbidden(String what, String space) {
    return Problem.of(
        Problem.Kind.FORBIDDEN,
        "Your role does not allow to %s the space '%s'. Ask an administrator for a token that does."
            .formatted(what, space));
  }
}
