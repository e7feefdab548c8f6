package io.starling.simulation.exhaustive;

import java.util.List;
import java.util.Optional;

/// How a search ended.
///
/// @param states visited, of all replicas together with what is under way, each once
/// @param held different states of one replica
/// @param joins pairs of those that were joined both ways
/// @param reads held against the oracle
/// @param flaw what is wrong, after the shortest history that shows it
public record Outcome(
    DataType type,
    Bound bound,
    long states,
    long held,
    long joins,
    long reads,
    Optional<Story> flaw) {

  /// Whether every law held everywhere.
  public boolean isOk() {
    return flaw.isEmpty();
  }

  /// What was done, one step a line, and what is wrong then.
  public record Story(List<String> steps, String flaw) {
    public Story {
      steps = List.copyOf(steps);
    }

    @Override
    public String toString() {
      return String.join("\n", steps) + "\nthen: " + flaw;
    }
  }
}
