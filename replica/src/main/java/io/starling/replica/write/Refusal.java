package io.starling.replica.write;

import io.starling.replica.request.Outcome;
import java.io.Serial;

/// Why a submission cannot become a transaction; ends its compilation and is turned into its
/// answer.
final class Refusal extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final Outcome.Reason reason;

  Refusal(Outcome.Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  Outcome.Refused outcome() {
    return new Outcome.Refused(reason, String.valueOf(getMessage()));
  }

  static Refusal invalid(String message) {
    return new Refusal(Outcome.Reason.INVALID_ARGUMENT, message);
  }

  static Refusal precondition(String message) {
    return new Refusal(Outcome.Reason.FAILED_PRECONDITION, message);
  }

  static Refusal stale(String message) {
    return new Refusal(Outcome.Reason.ABORTED, message);
  }

  static Refusal unavailable(String message) {
    return new Refusal(Outcome.Reason.UNAVAILABLE, message);
  }

  static Refusal tooLarge(String message) {
    return new Refusal(Outcome.Reason.TOO_LARGE, message);
  }

  static Refusal exhausted(String message) {
    return new Refusal(Outcome.Reason.RESOURCE_EXHAUSTED, message);
  }
}
