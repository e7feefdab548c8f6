package io.starling.simulation.check;

import io.starling.simulation.world.Violation;
import java.util.function.Supplier;

/// The name of a check, and how often it was evaluated.
public final class Evaluations {

  private final String name;
  private long count;

  Evaluations(String name) {
    this.name = name;
  }

  /// Number and name, as in `I1 dots are unique`.
  public String name() {
    return name;
  }

  public long count() {
    return count;
  }

  /// Evaluates once.
  void require(boolean holds, Supplier<String> finding) {
    count++;
    if (!holds) {
      throw new Violation(name, finding.get());
    }
  }
}
