package io.starling.client.link;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.Serial;
import java.util.Optional;
import java.util.Set;

/// A call that a node refused, or that did not get through to it.
public final class CallFailure extends Exception {

  @Serial private static final long serialVersionUID = 1;

  // What a node says whose store failed in the middle of a write.
  private static final String OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN";

  private static final Set<Status.Code> CONNECTION =
      Set.of(
          Status.Code.UNAVAILABLE,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.CANCELLED,
          Status.Code.INTERNAL,
          Status.Code.UNKNOWN);

  private final Status.Code code;
  private final String reason;
  private final boolean wasSent;

  /// @param wasSent whether anything may have reached the node
  public CallFailure(Address node, Throwable failed, boolean wasSent) {
    super(message(node, failed), failed);
    this.code = Status.fromThrowable(failed).getCode();
    this.reason = reasonOf(failed);
    this.wasSent = wasSent;
  }

  /// The canonical status code.
  public Status.Code code() {
    return code;
  }

  /// The stable reason that a node gave; empty if no node answered.
  public String reason() {
    return reason;
  }

  /// Whether another node, or this one later, may do what was asked.
  public boolean mayPass() {
    if (reason.isEmpty()) {
      return CONNECTION.contains(code);
    }
    return code == Status.Code.UNAVAILABLE
        || reason.equals(OUTCOME_UNKNOWN)
        || reason.equals("RESOURCE_EXHAUSTED")
        || reason.equals("SLOW");
  }

  /// Whether it is certain that nothing was done.
  public boolean isUndone() {
    return !wasSent || !(reason.isEmpty() || reason.equals(OUTCOME_UNKNOWN));
  }

  private static String reasonOf(Throwable failed) {
    var status = StatusProto.fromThrowable(failed);
    if (status == null || status.getDetailsCount() == 0) {
      return "";
    }
    try {
      return status.getDetails(0).unpack(ErrorInfo.class).getReason();
    } catch (InvalidProtocolBufferException foreign) {
      return "";
    }
  }

  private static String message(Address node, Throwable failed) {
    var status = Status.fromThrowable(failed);
    var said = Optional.ofNullable(status.getDescription()).orElse("no reason given");
    if (!reasonOf(failed).isEmpty()) {
      return node + ": " + said;
    }
    return switch (status.getCode()) {
      case UNAVAILABLE -> node + " does not answer (" + deepest(failed, said) + ")";
      case DEADLINE_EXCEEDED -> node + " does not answer in time";
      default -> node + ": " + status.getCode() + ": " + said;
    };
  }

  // gRPC says "io exception"; what it was stands deeper.
  private static String deepest(Throwable failed, String said) {
    var cause = failed;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    var message = Optional.ofNullable(cause.getMessage()).orElse(said);
    return message.lines().findFirst().orElse(said);
  }
}
