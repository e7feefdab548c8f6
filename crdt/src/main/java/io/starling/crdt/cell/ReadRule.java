package io.starling.crdt.cell;

import io.starling.crdt.encoding.MalformedException;

/// How a register that holds concurrent values reads. Written with each assignment; where
/// concurrent assignments differ, the rule of the latest one holds.
///
/// [#MAX] and [#MIN] go by [io.starling.crdt.value.ValueOrder]. They are rules of reading, too:
/// what an assignment's author saw it replaces, so who writes sees to it that a value is not
/// replaced by one that stands behind it.
public enum ReadRule {
  /// The value with the latest stamp, ties by dot. The others are kept and can be read.
  LATEST(0),
  /// All of them, as an array.
  ALL(1),
  /// The greatest value, ties by dot. What would not be greater than what is there need not be
  /// written.
  MAX(2),
  /// The least value, likewise.
  MIN(3);

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
      case 2 -> MAX;
      case 3 -> MIN;
      default -> throw new MalformedException("unknown read rule " + code);
    };
  }
}
