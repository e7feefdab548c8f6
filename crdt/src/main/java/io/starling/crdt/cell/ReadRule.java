package io.starling.crdt.cell;

import io.starling.crdt.encoding.MalformedException;

/// How a register that holds concurrent values reads. Written with each assignment; where
/// concurrent assignments differ, the rule of the latest one holds.
public enum ReadRule {
  /// The value with the latest stamp, ties by dot. The others are kept and can be read.
  LATEST(0),
  /// All of them, as an array.
  ALL(1);

  private final int code;

  ReadRule(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /// The rule of a code in signed bytes.
  public static ReadRule ofCode(int code) throws MalformedException {
    return switch (code) {
      case 0 -> LATEST;
      case 1 -> ALL;
      default -> throw new MalformedException("unknown read rule " + code);
    };
  }
}
