package io.starling.crdt.cell;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Texts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A place in a space: a key, and the field names that lead to a value inside the key's map.
///
/// Ordered by its bytes, so that what lies below a path follows it without a gap.
///
/// Every cell at a path is named by all of it, while an operation may share most of it with the one
/// before; so a path as a whole is short, or a batch could name a thousand times its own size.
///
/// @param key 1 to 1 024 bytes of UTF-8 without NUL; `/` separates collections
/// @param fields at most 32 names, each at most 1 024 bytes of UTF-8 without NUL; 4 096 bytes with
///   the key
public record Path(String key, List<String> fields) implements Comparable<Path> {

  /// Longest key, and longest field name, in bytes of UTF-8.
  public static final int NAME_BYTES_MAX = 1_024;

  /// Longest path, its key and all its field names, in bytes of UTF-8.
  public static final int BYTES_MAX = 4_096;

  /// Deepest nesting of fields.
  public static final int DEPTH_MAX = 32;

  static final int NUL = 0;
  static final int HERE = 1;
  static final int BELOW = 2;

  /// @throws IllegalArgumentException if a limit is passed; the message says which
  public Path {
    fields = List.copyOf(fields);
    if (key.isEmpty()) {
      throw new IllegalArgumentException("a key must not be empty");
    }
    long bytes = nameBytes("a key", key);
    if (fields.size() > DEPTH_MAX) {
      throw new IllegalArgumentException("a path of more than " + DEPTH_MAX + " fields");
    }
    for (var field : fields) {
      bytes += nameBytes("a field name", field);
    }
    if (bytes > BYTES_MAX) {
      throw new IllegalArgumentException(
          "a path of " + bytes + " bytes; at most " + BYTES_MAX + " are allowed");
    }
  }

  /// The root of a key.
  public static Path of(String key) {
    return new Path(key, List.of());
  }

  /// The place of a field of the map at this path.
  public Path field(String name) {
    var longer = new ArrayList<>(fields);
    longer.add(name);
    return new Path(key, longer);
  }

  /// The place of the map that holds this field.
  ///
  /// @throws IllegalStateException at the root of a key
  public Path parent() {
    if (isRoot()) {
      throw new IllegalStateException("the root of a key has no parent");
    }
    return new Path(key, fields.subList(0, fields.size() - 1));
  }

  /// Whether this is the whole value of its key.
  public boolean isRoot() {
    return fields.isEmpty();
  }

  /// Whether this path is the other or leads to it.
  public boolean isAtOrAbove(Path that) {
    return key.equals(that.key)
        && fields.size() <= that.fields.size()
        && fields.equals(that.fields.subList(0, fields.size()));
  }

  /// The bytes with which the cells at this path and below begin, and no others.
  public byte[] prefix() {
    var out = new Encoder(key.length() + 16);
    out.raw(key.getBytes(StandardCharsets.UTF_8)).u8(NUL);
    for (var field : fields) {
      out.u8(BELOW).raw(field.getBytes(StandardCharsets.UTF_8)).u8(NUL);
    }
    return out.toBytes();
  }

  /// The bytes with which the cells below this path begin, those at it left out.
  public byte[] prefixBelow() {
    return new Encoder().raw(prefix()).u8(BELOW).toBytes();
  }

  /// The key as a length and text, then the fields, self-delimiting.
  public void write(Encoder out) {
    out.text(key).varint(fields.size());
    fields.forEach(out::text);
  }

  /// Reads what [#write(Encoder)] wrote.
  public static Path read(Decoder in) throws MalformedException {
    var key = in.text();
    int depth = in.count(DEPTH_MAX, "fields");
    var fields = new ArrayList<String>(depth);
    for (int i = 0; i < depth; i++) {
      fields.add(in.text());
    }
    try {
      return new Path(key, fields);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  @Override
  public int compareTo(Path that) {
    int order = Texts.compareUtf8(key, that.key);
    int shared = Math.min(fields.size(), that.fields.size());
    for (int i = 0; order == 0 && i < shared; i++) {
      order = Texts.compareUtf8(fields.get(i), that.fields.get(i));
    }
    return order != 0 ? order : Integer.compare(fields.size(), that.fields.size());
  }

  @Override
  public String toString() {
    return fields.isEmpty() ? key : key + "#" + String.join(".", fields);
  }

  // Every operation that is decoded comes through here, so the bytes are counted, not made.
  private static long nameBytes(String what, String name) {
    if (name.indexOf(NUL) >= 0) {
      throw new IllegalArgumentException(what + " must not contain NUL");
    }
    long bytes;
    try {
      bytes = Texts.utf8Length(name);
    } catch (IllegalArgumentException lone) {
      throw new IllegalArgumentException(what + " must be well-formed Unicode", lone);
    }
    if (bytes > NAME_BYTES_MAX) {
      throw new IllegalArgumentException(
          what + " of " + bytes + " bytes; at most " + NAME_BYTES_MAX + " are allowed");
    }
    return bytes;
  }
}
