package io.starling.node.api.http;

import io.starling.node.api.rest.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/// The dashboard's files, from the class path.
///
/// Names under `/assets/` hold a hash of what they name and are cached for good; the page that
/// names them is asked for each time.
final class Dashboard {

  private static final String ROOT = "web-ui";
  private static final Pattern ASSET = Pattern.compile("/assets/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "woff2", "font/woff2");

  private final Map<String, Answer.Whole> files = new ConcurrentHashMap<>();

  /// The file at a path; empty if there is none. Blocks.
  ///
  /// @param packed whether the client takes gzip
  Optional<Answer.Whole> find(String path, boolean packed) {
    var file = path.equals("/") ? "/index.html" : path;
    if (!file.equals("/index.html") && !ASSET.matcher(file).matches()) {
      return Optional.empty();
    }
    var name = packed ? file + "|gzip" : file;
    var known = files.get(name);
    if (known != null) {
      return Optional.of(known);
    }
    // Only files that exist are kept: no client can make this grow.
    var loaded = load(file, packed);
    loaded.ifPresent(answer -> files.put(name, answer));
    return loaded;
  }

  private static Optional<Answer.Whole> load(String file, boolean packed) {
    try (var in = Dashboard.class.getClassLoader().getResourceAsStream(ROOT + file)) {
      if (in == null) {
        return Optional.empty();
      }
      byte[] bytes = in.readAllBytes();
      var type =
          TYPES.getOrDefault(file.substring(file.lastIndexOf('.') + 1), "application/octet-stream");
      var answer = new Answer.Whole(200, type, packed ? pack(bytes) : bytes);
      return Optional.of(
          (packed ? answer.with("Content-Encoding", "gzip") : answer)
              .with("Vary", "Accept-Encoding")
              .with("Cache-Control", caching(file)));
    } catch (IOException unreadable) {
      throw new UncheckedIOException("the dashboard's " + file + " cannot be read", unreadable);
    }
  }

  private static String caching(String file) {
    return file.equals("/index.html") ? "no-cache" : "public, max-age=31536000, immutable";
  }

  private static byte[] pack(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream(bytes.length / 2);
    try (var out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }
}
