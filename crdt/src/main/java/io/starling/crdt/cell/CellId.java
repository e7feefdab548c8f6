package io.starling.crdt.cell;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueEncoding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The name of a cell, the smallest piece of state an operation reads and writes.
///
/// Bytes: `key NUL (2 field NUL)* 1 kind suffix`. The cells of one path lie together, those below
/// it right after. Ordered as canonical bytes are, without making them.
public sealed interface CellId extends Comparable<CellId> {

  /// Where the cell's value is.
  Path path();

  CellKind kind();

  /// A register, a flag or the mark of a map: one cell for each path and kind.
  record Single(Path path, CellKind kind) implements CellId {
    public Single {
      if (kind.hasManyCells()) {
        throw new IllegalArgumentException(kind + " has many cells at a path");
      }
    }
  }

  /// What one replica has counted.
  record Share(Path path, ReplicaId origin) implements CellId {
    @Override
    public CellKind kind() {
      return CellKind.COUNTER;
    }
  }

  /// One element of a set.
  record Element(Path path, Value element, Bias bias) implements CellId {
    /// One element of an add-wins set.
    public Element(Path path, Value element) {
      this(path, element, Bias.ADD);
    }

    @Override
    public CellKind kind() {
      return bias.set();
    }
  }

  /// The name's bytes, which run to the end, with replica ids as given.
  default byte[] encode(ReplicaForm replicas) {
    var prefix = path().prefix();
    var out = new Encoder(prefix.length + 16);
    out.raw(prefix).u8(Path.HERE).u8(kind().code());
    switch (this) {
      case Single _ -> {}
      case Share(_, var origin) -> replicas.write(out, origin);
      case Element(_, var element, _) -> out.raw(ValueEncoding.encode(element));
    }
    return out.toBytes();
  }

  /// The bytes that are the same on every node.
  default byte[] canonical() {
    return encode(ReplicaForm.FULL);
  }

  /// The bytes with which the names of all cells of a kind at just this path begin.
  static byte[] prefix(Path path, CellKind kind) {
    return new Encoder().raw(path.prefix()).u8(Path.HERE).u8(kind.code()).toBytes();
  }

  /// Reads what [#encode(ReplicaForm)] gives.
  static CellId decode(byte[] bytes, ReplicaForm replicas) throws MalformedException {
    int at = nul(bytes, 0);
    var key = text(bytes, 0, at);
    List<String> fields = List.of();
    at++;
    while (at < bytes.length && bytes[at] == Path.BELOW) {
      int end = nul(bytes, at + 1);
      if (fields.isEmpty()) {
        fields = new ArrayList<>();
      }
      fields.add(text(bytes, at + 1, end));
      at = end + 1;
    }
    var in = new Decoder(bytes, at, bytes.length - at);
    if (in.u8() != Path.HERE) {
      throw new MalformedException("a cell name without its kind");
    }
    try {
      return suffix(new Path(key, fields), CellKind.ofCode(in.u8()), in, replicas);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException("a cell name that is no path", refused);
    }
  }

  /// The kind of a cell by its name, of which nothing else is looked at.
  ///
  /// @throws MalformedException if it has none
  static CellKind kind(byte[] name) throws MalformedException {
    int at = nul(name, 0) + 1;
    while (at < name.length && name[at] == Path.BELOW) {
      at = nul(name, at + 1) + 1;
    }
    if (at + 1 >= name.length) {
      throw new MalformedException("a cell name without its kind");
    }
    try {
      return CellKind.ofCode(name[at + 1]);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException("a cell name of an unknown kind", refused);
    }
  }

  private static CellId suffix(Path path, CellKind kind, Decoder in, ReplicaForm replicas)
      throws MalformedException {
    CellId id =
        switch (kind) {
          case MAP, REGISTER, FLAG, DISABLE_WINS_FLAG -> new Single(path, kind);
          case COUNTER -> new Share(path, replicas.read(in));
          case SET -> new Element(path, ValueEncoding.decode(in.rest()), Bias.ADD);
          case REMOVE_WINS_SET -> new Element(path, ValueEncoding.decode(in.rest()), Bias.REMOVE);
        };
    in.finish();
    return id;
  }

  private static int nul(byte[] bytes, int from) throws MalformedException {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == Path.NUL) {
        return i;
      }
    }
    throw new MalformedException("a cell name without an end of its key");
  }

  private static String text(byte[] bytes, int from, int to) throws MalformedException {
    if (Decoder.isAscii(bytes, from, to)) {
      return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
    var text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    if (!Arrays.equals(
        text.getBytes(StandardCharsets.UTF_8), Arrays.copyOfRange(bytes, from, to))) {
      throw new MalformedException("a cell name that is not UTF-8");
    }
    return text;
  }

  @Override
  default int compareTo(CellId that) {
    int order = path().compareTo(that.path());
    if (order == 0) {
      order = Integer.compare(kind().code(), that.kind().code());
    }
    return order != 0 ? order : compareSuffix(that);
  }

  private int compareSuffix(CellId that) {
    return switch (this) {
      case Single _ -> 0;
      case Share(_, var origin) -> origin.compareTo(((Share) that).origin);
      case Element(_, var element, _) ->
          Arrays.compareUnsigned(
              ValueEncoding.encode(element), ValueEncoding.encode(((Element) that).element));
    };
  }
}
