package io.starling.simulation.network;

import java.time.Duration;

/// What a link does to frames. Rates are per thousand frames, each drawn by itself.
///
/// @param dropPerMille frames lost
/// @param duplicatePerMille frames that arrive a second time soon after
/// @param replayPerMille frames that arrive once more much later, up to `replayAfter`
/// @param reorderPerMille frames that do not keep their place behind earlier ones
/// @param corruptPerMille frames with a few bytes changed
/// @param delayLeast the least time a frame takes
/// @param delayMean the mean of what is added to it, exponential
/// @param replayAfter how late a replay may be
public record LinkOptions(
    int dropPerMille,
    int duplicatePerMille,
    int replayPerMille,
    int reorderPerMille,
    int corruptPerMille,
    Duration delayLeast,
    Duration delayMean,
    Duration replayAfter) {

  /// A good local network: nothing is lost, 0.2 ms and a little more.
  public static final LinkOptions GOOD =
      new LinkOptions(
          0, 0, 0, 0, 0, Duration.ofNanos(200_000), Duration.ofNanos(100_000), Duration.ZERO);
}
