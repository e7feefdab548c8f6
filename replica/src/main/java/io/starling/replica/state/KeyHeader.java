package io.starling.replica.state;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import java.util.EnumSet;
import java.util.Set;

/// What a store keeps for each key to answer without a scan: what types are alive at it, and how
/// many cells it has. Derived from the cells; never digested, never sent.
///
/// @param cells cells that are not empty, those included that only remember a reset
/// @param marks live cells of the map at the key, and of all below it
/// @param registers 0 or 1
/// @param flags 0 or 1
/// @param shares live shares of the counter at the key
/// @param elements live elements of the set at the key: its cardinality
/// @param contestedFlags 0 or 1: of a flag where disabling wins
/// @param contestedElements likewise of a set where removal wins
public record KeyHeader(
    long cells,
    long marks,
    long registers,
    long flags,
    long shares,
    long elements,
    long contestedFlags,
    long contestedElements) {

  public static final KeyHeader NONE = new KeyHeader(0, 0, 0, 0, 0, 0, 0, 0);

  /// That of a key whose cells nobody has counted: too many of each type for anyone to conclude
  /// from it that there is none, or only one.
  public static final KeyHeader UNCOUNTED = all(1L << 40);

  private static KeyHeader all(long count) {
    return new KeyHeader(count, count, count, count, count, count, count, count);
  }

  /// Whether readers see something at the key.
  public boolean isLive() {
    return !kinds().isEmpty();
  }

  /// The types alive at the root of the key.
  public Set<CellKind> kinds() {
    var kinds = EnumSet.noneOf(CellKind.class);
    for (var kind : CellKind.values()) {
      if (count(kind) > 0) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  /// Live cells of a type at the root of the key.
  public long count(CellKind kind) {
    return switch (kind) {
      case MAP -> marks;
      case REGISTER -> registers;
      case FLAG -> flags;
      case COUNTER -> shares;
      case SET -> elements;
      case DISABLE_WINS_FLAG -> contestedFlags;
      case REMOVE_WINS_SET -> contestedElements;
    };
  }

  /// The header after a cell of the key has changed.
  KeyHeader changed(CellId id, Cell before, Cell now) {
    int more = (now.isEmpty() ? 0 : 1) - (before.isEmpty() ? 0 : 1);
    int live = (now.isLive() ? 1 : 0) - (before.isLive() ? 1 : 0);
    return plus(id.path(), id.kind(), more, live);
  }

  /// The header with more cells of a path and kind.
  ///
  /// @param more that are not empty
  /// @param live of these
  KeyHeader plus(Path path, CellKind of, int more, int live) {
    var kind = path.isRoot() ? of : CellKind.MAP;
    return new KeyHeader(
        cells + more,
        marks + (kind == CellKind.MAP ? live : 0),
        registers + (kind == CellKind.REGISTER ? live : 0),
        flags + (kind == CellKind.FLAG ? live : 0),
        shares + (kind == CellKind.COUNTER ? live : 0),
        elements + (kind == CellKind.SET ? live : 0),
        contestedFlags + (kind == CellKind.DISABLE_WINS_FLAG ? live : 0),
        contestedElements + (kind == CellKind.REMOVE_WINS_SET ? live : 0));
  }

  /// The form in a store. That of format 2 ends before what is contested; so does that of a key
  /// that has nothing of it.
  public byte[] encode() {
    var out =
        new Encoder(16)
            .varint(cells)
            .varint(marks)
            .varint(registers)
            .varint(flags)
            .varint(shares)
            .varint(elements);
    if (contestedFlags + contestedElements > 0) {
      out.varint(contestedFlags).varint(contestedElements);
    }
    return out.toBytes();
  }

  /// Reads what a store wrote.
  public static KeyHeader decode(byte[] bytes) {
    var in = new Decoder(bytes);
    try {
      return new KeyHeader(
          in.varint(),
          in.varint(),
          in.varint(),
          in.varint(),
          in.varint(),
          in.varint(),
          in.remaining() > 0 ? in.varint() : 0,
          in.remaining() > 0 ? in.varint() : 0);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken key header", broken);
    }
  }
}
