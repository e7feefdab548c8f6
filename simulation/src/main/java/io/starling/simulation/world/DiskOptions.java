package io.starling.simulation.world;

import java.time.Duration;

/// How disks behave.
///
/// @param syncLeast the least time a sync takes
/// @param syncMean the mean of what is added to it, exponential
/// @param failurePerMille writes, in thousandths, that fail: the node stops and starts again from
///   its store
public record DiskOptions(Duration syncLeast, Duration syncMean, int failurePerMille) {

  /// A good disk: a tenth of a millisecond, never an error.
  public static final DiskOptions GOOD =
      new DiskOptions(Duration.ofNanos(50_000), Duration.ofNanos(50_000), 0);
}
