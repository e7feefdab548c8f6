package io.starling.node.job;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// The places to import, in four parts.
record Places(List<String> lines) {

  private static final int PARTS = 4;

  /// Those in a file, or the small copy that stands beside the tests.
  static Places of(Optional<Path> file) throws IOException {
    try (var in = file.isPresent() ? Files.newInputStream(file.get()) : copy();
        var text =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
      return new Places(text.lines().toList());
    }
  }

  private static InputStream copy() {
    return Optional.ofNullable(Places.class.getResourceAsStream("/places/places.ndjson.gz"))
        .orElseThrow();
  }

  /// A part of the lines.
  ///
  /// @param part from 0 to 3
  List<String> part(int part) {
    int size = lines.size();
    return lines.subList(size * part / PARTS, size * (part + 1) / PARTS);
  }

  /// What a line says.
  static Value.Struct document(String line) {
    try {
      return (Value.Struct) JsonText.parse(line);
    } catch (MalformedException broken) {
      throw new AssertionError("a line that is not JSON: " + line, broken);
    }
  }

  /// The key of the document that a line becomes.
  static String key(String line) {
    return document(line).fields().get("id") instanceof Value.Text(var id) ? id : "";
  }
}
