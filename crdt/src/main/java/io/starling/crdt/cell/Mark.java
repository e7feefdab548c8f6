package io.starling.crdt.cell;

import io.starling.crdt.encoding.MalformedException;

/// What a dot says in a cell where removals win. The code is part of stored and signed bytes.
public enum Mark {
  ADDED(0),
  REMOVED(1);

  private final int code;

  Mark(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /// The mark of a code.
  public static Mark ofCode(int code) throws MalformedException {
    return switch (code) {
      case 0 -> ADDED;
      case 1 -> REMOVED;
      default -> throw new MalformedException("unknown mark " + code);
    };
  }
}
