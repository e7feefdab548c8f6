package io.starling.node.api.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.space.Absence;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Outcome;

/// Why calls end without having done anything, as canonical status codes.
///
/// Each says what to do, and carries a stable reason in `google.rpc.ErrorInfo` for programs.
final class Refusals {

  static final String MALFORMED = "MALFORMED";
  static final String MALFORMED_TOKEN = "MALFORMED_TOKEN";

  private static final String DOMAIN = "starling";

  private Refusals() {}

  static StatusException of(Status.Code code, String reason, String message) {
    var info = ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN);
    return StatusProto.toStatusException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(message)
            .addDetails(Any.pack(info.build()))
            .build());
  }

  /// The reason that a refusal of this class carries.
  static String reason(StatusException refused) {
    var status = StatusProto.fromThrowable(refused);
    try {
      return status == null || status.getDetailsCount() == 0
          ? ""
          : status.getDetails(0).unpack(ErrorInfo.class).getReason();
    } catch (InvalidProtocolBufferException broken) {
      throw new AssertionError("a refusal without its reason", broken);
    }
  }

  static StatusException of(Outcome.Refused refused) {
    return of(code(refused.reason()), refused.reason().name(), refused.message());
  }

  static StatusException malformed(MalformedException refused) {
    return of(Status.Code.INVALID_ARGUMENT, MALFORMED, String.valueOf(refused.getMessage()));
  }

  /// A level of acknowledgement that this cluster cannot give.
  static StatusException unreachable(String message) {
    return of(Status.Code.FAILED_PRECONDITION, "LEVEL", message);
  }

  static StatusException invalid(String message) {
    return of(Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", message);
  }

  static StatusException malformedToken(MalformedException refused) {
    return of(
        Status.Code.INVALID_ARGUMENT,
        MALFORMED_TOKEN,
        "not a read token (" + refused.getMessage() + "); hand back a token as it was given");
  }

  static StatusException foreignToken() {
    return of(
        Status.Code.FAILED_PRECONDITION,
        "FOREIGN_TOKEN",
        "the read token is of another space, cluster or branch; read again without a token");
  }

  static StatusException notYet() {
    return of(
        Status.Code.UNAVAILABLE,
        "NOT_YET",
        "this node has not yet applied what the read token covers; "
            + "try again, wait longer or ask another node");
  }

  static StatusException unreadable(StorageFailure failure) {
    return of(
        Status.Code.UNAVAILABLE, "UNREADABLE", "nothing can be read here: " + failure.getMessage());
  }

  static StatusException unknownSpace(String name) {
    return of(
        Status.Code.NOT_FOUND,
        "UNKNOWN_SPACE",
        "there is no space '" + name + "' on this node; ListSpaces names those there are");
  }

  /// A space that is not on this node.
  static StatusException absent(String name, Absence why) {
    return switch (why) {
      case Absence.Unknown() -> unknownSpace(name);
      case Absence.Dropped _ -> of(Status.Code.NOT_FOUND, "SPACE_DROPPED", why.message(name));
      case Absence.Elsewhere _ ->
          of(Status.Code.FAILED_PRECONDITION, "NOT_HOSTED", why.message(name));
    };
  }

  static StatusException noToken() {
    return of(
        Status.Code.UNAUTHENTICATED,
        "NO_BEARER_TOKEN",
        "send the metadata 'authorization: Bearer TOKEN'");
  }

  static StatusException unknownToken() {
    return of(
        Status.Code.UNAUTHENTICATED,
        "UNKNOWN_BEARER_TOKEN",
        "this cluster does not know the bearer token, or no longer; ask an admin for another");
  }

  static StatusException denied(String role, String what) {
    return of(
        Status.Code.PERMISSION_DENIED,
        "ROLE",
        what + " takes the role '" + role + "'; ask an admin for a token that has it");
  }

  static StatusException tooLarge(String message) {
    return of(Status.Code.RESOURCE_EXHAUSTED, "TOO_LARGE", message);
  }

  static Status.Code code(Outcome.Reason reason) {
    return switch (reason) {
      case INVALID_ARGUMENT -> Status.Code.INVALID_ARGUMENT;
      case FAILED_PRECONDITION -> Status.Code.FAILED_PRECONDITION;
      case NOT_FOUND -> Status.Code.NOT_FOUND;
      case ABORTED -> Status.Code.ABORTED;
      case TOO_LARGE, RESOURCE_EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case OUTCOME_UNKNOWN -> Status.Code.UNKNOWN;
    };
  }
}
