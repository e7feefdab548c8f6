package io.starling.node.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.Serial;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/// A call that a node refused, or that did not get through to it.
public final class ClientException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final Status.Code code;
  private final String reason;

  private ClientException(Status.Code code, String reason, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
  }

  /// What a failed call means.
  static ClientException of(Endpoint endpoint, Throwable failed) {
    var status = Status.fromThrowable(failed);
    var reason = reason(failed);
    var description = Optional.ofNullable(status.getDescription()).orElse("no reason given");
    if (reason.isPresent()) {
      return new ClientException(status.getCode(), reason.get(), description, failed);
    }
    var message =
        switch (status.getCode()) {
          case UNAVAILABLE -> endpoint + " does not answer (" + cause(failed, description) + ")";
          case DEADLINE_EXCEEDED -> endpoint + " does not answer in time";
          default -> endpoint + ": " + status.getCode() + ": " + description;
        };
    return new ClientException(status.getCode(), "", message, failed);
  }

  /// The canonical status code.
  public Status.Code code() {
    return code;
  }

  /// The stable reason that a node gave; empty if none did.
  public String reason() {
    return reason;
  }

  /// The reason that a node gave, or else the status code, in capitals.
  public String word() {
    return reason.isEmpty() ? code.name() : reason;
  }

  /// Whether no node answered: it is down, or whoever is there is no node of the cluster.
  public boolean isUnreachable() {
    return reason.isEmpty()
        && (code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED);
  }

  /// Whether the call has certainly not reached a node: no connection was made.
  public boolean isUnsent() {
    if (!isUnreachable() || code != Status.Code.UNAVAILABLE) {
      return false;
    }
    for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  /// That none of several nodes answers.
  static ClientException unreachable(List<Endpoint> endpoints) {
    var names = String.join(", ", endpoints.stream().map(Endpoint::toString).toList());
    return new ClientException(
        Status.Code.UNAVAILABLE,
        "",
        "no node answers; tried " + names,
        new ConnectException("nothing listens at " + names));
  }

  private static Optional<String> reason(Throwable failed) {
    var status = Optional.ofNullable(StatusProto.fromThrowable(failed));
    if (status.isEmpty() || status.get().getDetailsCount() == 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(status.get().getDetails(0).unpack(ErrorInfo.class).getReason());
    } catch (InvalidProtocolBufferException foreign) {
      return Optional.empty();
    }
  }

  // gRPC says "io exception"; what it was stands deeper.
  private static String cause(Throwable failed, String description) {
    var deepest = failed;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    var message = Optional.ofNullable(deepest.getMessage()).orElse(description);
    return plain(message.lines().findFirst().orElse(description));
  }

  // What the TLS library says where a person has mistaken a port or a cluster.
  private static String plain(String message) {
    if (message.startsWith("not an SSL/TLS record")) {
      return "it speaks no TLS there; name the node's gRPC port";
    }
    if (message.contains("certificate_required")) {
      return "its port for peers is no port for clients; name its gRPC port";
    }
    return message.contains("unable to find valid certification path")
        ? "its certificate is not by the authority that is trusted here; see --ca"
        : message;
  }
}
