package io.starling.simulation;

import io.starling.simulation.check.Checks.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// What a run came to.
///
/// @param traceHash over every line of the trace: equal for equal runs
/// @param lines how many lines the trace had
/// @param virtual how much virtual time went by
/// @param rounds how many rounds of anti-entropy the nodes took to converge after the faults ended
/// @param findings of every check
/// @param failure what was found, if a check failed
/// @param tail the last lines of the trace
public record Report(
    Plan plan,
    String traceHash,
    long lines,
    Duration virtual,
    long rounds,
    List<Finding> findings,
    SortedMap<String, Long> counts,
    Optional<String> failure,
    List<String> tail) {

  /// Whether every check held.
  public boolean isOk() {
    return failure.isEmpty();
  }

  /// With one more finding, of who ran it.
  ///
  /// @param found what is wrong, if anything is
  public Report with(String check, Optional<String> found) {
    var more = new ArrayList<>(findings);
    more.add(new Finding(check, 1, found.isPresent() ? 1 : 0));
    return new Report(
        plan,
        traceHash,
        lines,
        virtual,
        rounds,
        more,
        counts,
        failure.or(() -> found.map(it -> check + ": " + it)),
        tail);
  }
}
