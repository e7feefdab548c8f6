package io.starling.node.cli.doctor;

import java.util.Locale;

/// What is thought of a fact.
public enum Verdict {
  /// As it should be.
  OK,
  /// Works now, and may not tomorrow, or not well.
  WARN,
  /// Does not work, or is not safe.
  FAIL;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
