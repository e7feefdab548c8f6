package io.starling.node.lab;

import java.time.Instant;
import java.util.List;

/// A run of the lab.
///
/// @param number of this node's runs, since it was started
/// @param lines what the command said of it, as far as it has come
public record LabRun(
    long number, LabRequest request, Instant since, State state, List<String> lines) {

  public LabRun {
    lines = List.copyOf(lines);
  }

  /// The same, over.
  LabRun ended(State how, List<String> said) {
    return new LabRun(number, request, since, how, said);
  }

  /// How far it is.
  public enum State {
    RUNNING,
    /// There is a report, and every check held.
    DONE,
    /// There is a report, and a check did not hold: a bug of Starling.
    VIOLATED,
    /// There is no report; the lines say why.
    FAILED
  }
}
