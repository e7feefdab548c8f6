package io.starling.simulation.workload;

import java.time.Duration;

/// What clients do.
///
/// @param sessions clients, spread evenly over the nodes
/// @param think the mean wait of a client between two acts, exponential
/// @param keys keys of each type; few keys, many conflicts
/// @param readPerMille acts that read; the rest write
/// @param narrowPerMille writes that answer to an earlier read of the same client, not to what the
///   node sees now
/// @param roamPerMille acts at another node than the client's own
public record WorkloadOptions(
    int sessions,
    Duration think,
    int keys,
    int readPerMille,
    int narrowPerMille,
    int roamPerMille) {

  public static final WorkloadOptions DEFAULT =
      new WorkloadOptions(10, Duration.ofMillis(400), 2, 300, 250, 200);
}
