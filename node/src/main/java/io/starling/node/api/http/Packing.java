package io.starling.node.api.http;

import io.starling.node.api.rest.Answer;
import io.starling.node.api.rest.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/// Packs answers for clients that take them packed (`Accept-Encoding: gzip`).
///
/// Only what is long enough to gain by it. Streams are not packed: each event must leave at once.
final class Packing {

  static final int WORTHWHILE_BYTES = 1_024;

  private Packing() {}

  /// The answer as the client takes it.
  static Answer.Whole packed(Request request, Answer.Whole answer) {
    boolean isText = answer.type().contains("json") || answer.type().startsWith("text/");
    boolean isPlain = !answer.headers().containsKey("Content-Encoding");
    if (!isText || !isPlain || answer.body().length < WORTHWHILE_BYTES) {
      return answer;
    }
    var varying = answer.with("Vary", "Accept-Encoding");
    if (!takes(request.headers().getOrDefault("accept-encoding", ""))) {
      return varying;
    }
    return new Answer.Whole(answer.status(), answer.type(), gzip(answer.body()), varying.headers())
        .with(Map.of("Content-Encoding", "gzip"));
  }

  /// Whether the header allows it, with a weight above 0: by the name `gzip`, wherever that stands,
  /// and only where it does not by `*`.
  static boolean takes(String accepted) {
    boolean others = false;
    for (var each : accepted.toLowerCase(Locale.ROOT).split(",")) {
      var parts = each.strip().split("\\s*;\\s*");
      boolean isWanted = parts.length == 1 || !parts[1].matches("q=0(\\.0{0,3})?");
      switch (parts[0]) {
        case "gzip" -> {
          return isWanted;
        }
        case "*" -> others = isWanted;
        default -> {}
      }
    }
    return others;
  }

  private static byte[] gzip(byte[] body) {
    var packed = new ByteArrayOutputStream(body.length / 3);
    try (var out = new GZIPOutputStream(packed)) {
      out.write(body);
    } catch (IOException unexpected) {
      throw new UncheckedIOException("a buffer in memory cannot be written to", unexpected);
    }
    return packed.toByteArray();
  }
}
