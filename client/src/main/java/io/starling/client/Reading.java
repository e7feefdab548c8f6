package io.starling.client;

import java.math.BigDecimal;
import java.util.NoSuchElementException;
import java.util.Optional;

/// What a place read, and when.
///
/// @param json the value as JSON text; `null` if nothing is there, which [#isAbsent] tells from a
///   null that is
/// @param isTooLarge whether it has more parts than fit an answer; then read it by its parts
/// @param token the cut that was read; empty for an event of a watch, whose token follows
public record Reading(
    Place place, String json, boolean isAbsent, boolean isTooLarge, Optional<ReadToken> token) {

  static Reading of(Place place, io.starling.proto.v1.Reading message, Optional<ReadToken> token) {
    return new Reading(place, message.getJson(), message.getAbsent(), message.hasTooLarge(), token);
  }

  /// Begins a transaction that answers to exactly what this read has shown: what others have
  /// written since is concurrent to it, and survives its removals.
  public Transaction.Builder edit() {
    return Transaction.begin()
        .context(token.orElseThrow(() -> new IllegalStateException("no token; read the place")));
  }

  /// This, if something is there.
  public Optional<Reading> present() {
    return isAbsent ? Optional.empty() : Optional.of(this);
  }

  /// A whole number, of a register or counter.
  public long asLong() {
    return number().longValueExact();
  }

  public double asDouble() {
    return number().doubleValue();
  }

  /// A number, exactly.
  public BigDecimal number() {
    try {
      return new BigDecimal(value());
    } catch (NumberFormatException other) {
      throw not("a number", other);
    }
  }

  public boolean asBoolean() {
    return switch (value()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw not("true or false", null);
    };
  }

  public String asText() {
    try {
      return JsonString.unquote(value());
    } catch (IllegalArgumentException other) {
      throw not("a text", other);
    }
  }

  private String value() {
    if (isTooLarge) {
      throw new IllegalStateException(place + " is too large for one answer; read it by its parts");
    }
    if (isAbsent) {
      throw new NoSuchElementException("nothing is at " + place);
    }
    return json;
  }

  private IllegalStateException not(
      String kind, @org.jspecify.annotations.Nullable Throwable cause) {
    var start = json.length() > 40 ? json.substring(0, 40) + "…" : json;
    return new IllegalStateException(place + " reads " + start + ", not " + kind, cause);
  }
}
