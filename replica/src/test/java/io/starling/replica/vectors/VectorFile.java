package io.starling.replica.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.encoding.MalformedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// A file of frozen encodings: lines of a name and bytes in hexadecimal, and comments.
///
/// A line that was once released is never changed or taken out: stores and logs hold such bytes.
final class VectorFile {

  private final String file;
  private final SortedMap<String, String> vectors = new TreeMap<>();

  VectorFile(String file) {
    this.file = file;
    try (var in = VectorFile.class.getResourceAsStream("/vectors/" + file)) {
      assertThat(in).as("vectors/" + file).isNotNull();
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(this::read);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /// Reads canonical bytes.
  interface Reader<T> {
    T read(byte[] bytes) throws MalformedException;
  }

  /// Compares both ways: each thing gives the bytes in the file, and they give the thing. The file
  /// has no other lines.
  <T> void requireFrozen(SortedMap<String, T> things, Function<T, byte[]> writer, Reader<T> reader)
      throws MalformedException {
    var bytes = new TreeMap<String, byte[]>();
    things.forEach((name, thing) -> bytes.put(name, writer.apply(thing)));
    requireFrozen(bytes);
    for (var vector : vectors.entrySet()) {
      assertThat(reader.read(HexFormat.of().parseHex(vector.getValue())))
          .as(vector.getKey())
          .isEqualTo(things.get(vector.getKey()));
    }
  }

  /// Compares bytes that are not read back.
  void requireFrozen(SortedMap<String, byte[]> bytes) {
    var written = new StringBuilder();
    bytes.forEach((name, raw) -> written.append(line(name, HexFormat.of().formatHex(raw))));
    var frozen = new StringBuilder();
    vectors.forEach((name, hex) -> frozen.append(line(name, hex)));
    assertThat(written).as("vectors/" + file).hasToString(frozen.toString());
  }

  private void read(String line) {
    if (line.isBlank() || line.startsWith("#")) {
      return;
    }
    var parts = line.split(" ", 2);
    assertThat(vectors.put(parts[0], parts[1])).as("vector named twice").isNull();
  }

  private static String line(String name, String hex) {
    return name + ' ' + hex + '\n';
  }
}
