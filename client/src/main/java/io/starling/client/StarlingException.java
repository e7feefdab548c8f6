package io.starling.client;

import io.grpc.Status;
import io.starling.client.link.CallFailure;
import java.io.Serial;

/// A call that was refused, or that no node answered in time. Nothing was changed by it.
public sealed class StarlingException extends RuntimeException permits OutcomeUnknownException {

  @Serial private static final long serialVersionUID = 1;

  private final Status.Code code;
  private final String reason;

  StarlingException(CallFailure failure) {
    this(String.valueOf(failure.getMessage()), failure);
  }

  StarlingException(String message, CallFailure failure) {
    super(message, failure);
    this.code = failure.code();
    this.reason = failure.reason();
  }

  /// The canonical status code.
  public Status.Code code() {
    return code;
  }

  /// The stable reason that a node gave, as `TOO_LARGE` or `NOT_YET`; empty if none answered.
  public String reason() {
    return reason;
  }

  /// Whether no node answered in time: to try later may help.
  public boolean isUnreachable() {
    return reason.isEmpty()
        && (code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED);
  }
}
