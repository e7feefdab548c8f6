package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/// A refusal (RFC 9457). State is as it was before the call. The detail says what to do.
public final class Problem extends Exception {

  private final Kind kind;
  private final Map<String, String> headers;

  private Problem(Kind kind, String detail, Map<String, String> headers) {
    super(detail, null, false, false);
    this.kind = kind;
    this.headers = headers;
  }

  /// Why a call was refused; the name is stable and part of the API.
  public enum Kind {
    MALFORMED(400, "The request is malformed"),
    UNAUTHENTICATED(401, "Nobody is signed in"),
    FORBIDDEN(403, "Not allowed"),
    UNKNOWN_ROUTE(404, "There is nothing here"),
    UNKNOWN_SPACE(404, "No such space"),
    NOT_HOSTED(421, "The space is on other nodes"),
    UNKNOWN_KEY(404, "No such key"),
    METHOD_NOT_ALLOWED(405, "Not with this method"),
    SLOW_BODY(408, "The body did not arrive"),
    TYPE_MISMATCH(409, "The state does not allow it"),
    STALE_READ(412, "What was read is out of date"),
    FOREIGN_TOKEN(412, "The token belongs elsewhere"),
    BODY_TOO_LARGE(413, "The body is too large"),
    VALUE_TOO_LARGE(413, "The value is too large for one answer"),
    TRANSACTION_TOO_LARGE(413, "The transaction is too large"),
    LINE_TOO_LONG(414, "The request line is too long"),
    MEDIA_TYPE(415, "The body is of another type"),
    LEVEL_UNREACHABLE(409, "The level cannot be reached"),
    UPGRADE_NEEDED(426, "A WebSocket is needed"),
    FOREIGN_HOST(421, "This host is not served here"),
    INVALID(422, "The request cannot be carried out"),
    HEAD_TOO_LONG(431, "The head is too long"),
    EXHAUSTED(429, "A limit is reached"),
    BUG(500, "The node met a bug"),
    OUTCOME_UNKNOWN(500, "It is not known whether it was stored"),
    NOT_YET(503, "Not here yet"),
    UNAVAILABLE(503, "Not now");

    private final int status;
    private final String title;

    Kind(int status, String title) {
      this.status = status;
      this.title = title;
    }

    /// The status code of HTTP.
    public int status() {
      return status;
    }

    String type() {
      return "urn:starling:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// A refusal of a kind.
  public static Problem of(Kind kind, String detail) {
    return switch (kind) {
      case UNAUTHENTICATED ->
          new Problem(kind, detail, Map.of("WWW-Authenticate", "Bearer realm=\"starling\""));
      case EXHAUSTED, NOT_YET, UNAVAILABLE -> new Problem(kind, detail, Map.of("Retry-After", "1"));
      default -> new Problem(kind, detail, Map.of());
    };
  }

  /// What an engine's refusal is over HTTP.
  public static Problem of(Outcome.Refused refused) {
    var kind =
        switch (refused.reason()) {
          case INVALID_ARGUMENT -> Kind.INVALID;
          case FAILED_PRECONDITION -> Kind.TYPE_MISMATCH;
          case NOT_FOUND -> Kind.UNKNOWN_SPACE;
          case ABORTED -> Kind.STALE_READ;
          case TOO_LARGE -> Kind.TRANSACTION_TOO_LARGE;
          case RESOURCE_EXHAUSTED -> Kind.EXHAUSTED;
          case UNAVAILABLE -> Kind.UNAVAILABLE;
          case OUTCOME_UNKNOWN -> Kind.OUTCOME_UNKNOWN;
        };
    return of(kind, refused.message());
  }

  /// A request that is wrong whatever the state.
  public static Problem malformed(String detail) {
    return of(Kind.MALFORMED, detail);
  }

  /// A well-formed request that asks for what cannot be.
  static Problem invalid(String detail) {
    return of(Kind.INVALID, detail);
  }

  static Problem notAllowed(String verb, String allowed) {
    var detail = "This place knows " + allowed + ", not " + verb + ".";
    return new Problem(Kind.METHOD_NOT_ALLOWED, detail, Map.of("Allow", allowed));
  }

  public Kind kind() {
    return kind;
  }

  /// Writes its fields into the object that is open.
  void fields(JsonGenerator out) throws IOException {
    out.writeStringField("type", kind.type());
    out.writeStringField("title", kind.title);
    out.writeNumberField("status", kind.status);
    out.writeStringField("detail", String.valueOf(getMessage()));
  }

  /// The answer that tells of it.
  public Answer.Whole answer() {
    var body =
        JsonPrint.bytes(out -> {
          out.writeStartObject();
          fields(out);
          out.writeEndObject();
        });
    return new Answer.Whole(kind.status, "application/problem+json", body).with(headers);
  }
}
