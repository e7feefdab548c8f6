package io.starling.simulation.lab;

import java.util.List;
import java.util.OptionalLong;

/// A partition that has ended, and what came of it.
///
/// @param step the line of the script
/// @param isOneWay whether only what the first side sent did not reach the second
/// @param sides that could not reach each other
/// @param convergedMillis from its end until every node that was up had all that anybody had then;
///   empty if the run ended before
/// @param conflicts keys that were changed on two sides or more, the first ones by name
/// @param conflictsAll how many there were
public record Healing(
    String step,
    long fromMillis,
    long untilMillis,
    boolean isOneWay,
    List<Side> sides,
    OptionalLong convergedMillis,
    List<Conflict> conflicts,
    int conflictsAll) {

  /// One side of it.
  ///
  /// @param nodes their names
  /// @param written writes acknowledged there while it lasted
  /// @param lacked batches that it had not when it ended
  public record Side(List<String> nodes, long written, long lacked) {}

  /// A key that was changed on two sides or more while they were apart.
  ///
  /// @param before with all that was written anywhere when the partition began
  /// @param sides as each had it when it ended, in the order of the sides
  /// @param merged as all have it once they know of both
  /// @param rule why
  public record Conflict(
      String key, String type, String before, List<String> sides, String merged, String rule) {}
}
