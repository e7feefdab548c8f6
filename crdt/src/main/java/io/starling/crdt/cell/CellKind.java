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
  SET(5);

  private final int code;

  CellKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /// The name in APIs and on screens.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static CellKind ofCode(int code) throws MalformedException {
    return switch (code) {
      case 1 -> MAP;
      case 2 -> REGISTER;
      case 3 -> FLAG;
      case 4 -> COUNTER;
      case 5 -> SET;
      default -> throw new MalformedException("unknown cell kind " + code);
    };
  }
}
