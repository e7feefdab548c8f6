package io.starling.crdt.cell;

import io.starling.crdt.encoding.MalformedException;
import java.util.Locale;

/// The data type a cell belongs to. The code is part of stored and signed bytes and never changes.
public enum CellKind {
  /// A mark that a map is here, though it may have no field.
  MAP(1),
  REGISTER(2),
  /// An enable-wins flag.
  FLAG(3),
  /// One origin's share of a counter.
  COUNTER(4),
  /// One element of an add-wins set.
  SET(5),
  /// A flag where disabling wins.
  DISABLE_WINS_FLAG(6),
  /// One element of a remove-wins set.
  REMOVE_WINS_SET(7);

  private final int code;

  CellKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /// Whether a value of this type may have several cells at its path.
  boolean hasManyCells() {
    return this == COUNTER || this == SET || this == REMOVE_WINS_SET;
  }

  /// Whether a cell of this kind may hold dots and yet show nothing to readers.
  boolean leavesTraces() {
    return this == COUNTER || isContested();
  }

  /// Whether cells of this kind are of marks ([Cell.Contested]).
  boolean isContested() {
    return this == DISABLE_WINS_FLAG || this == REMOVE_WINS_SET;
  }

  /// The name in APIs and on screens.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static CellKind ofCode(int code) throws MalformedException {
    return switch (code) {
      case 1 -> MAP;
      case 2 -> REGISTER;
      case 3 -> FLAG;
      case 4 -> COUNTER;
      case 5 -> SET;
      case 6 -> DISABLE_WINS_FLAG;
      case 7 -> REMOVE_WINS_SET;
      default -> throw new MalformedException("unknown cell kind " + code);
    };
  }
}
