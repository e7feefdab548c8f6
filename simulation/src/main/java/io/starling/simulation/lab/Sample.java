package io.starling.simulation.lab;

import java.util.List;
import java.util.SortedMap;

/// How things stand at a moment, and what has happened since the one before.
///
/// @param atMillis since the run began
/// @param cutLinks for each pair of regions, in the order of [LabResult#pairs()], how many of the
///   links between their nodes are cut, in per mille
/// @param bytes sent since the sample before, by kind of message
public record Sample(
    long atMillis, List<NodeSample> nodes, List<Integer> cutLinks, SortedMap<String, Long> bytes) {

  /// @param lacks batches that are somewhere and not here
  /// @param written writes of clients acknowledged here since the sample before
  /// @param refused writes of clients refused here since then, or lost with the node
  public record NodeSample(State state, long lacks, long written, long refused) {}

  /// What a node does.
  public enum State {
    UP,
    PAUSED,
    DOWN
  }
}
