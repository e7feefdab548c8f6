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
/// @param kind what they are about
public record WorkloadOptions(
    int sessions,
    Duration think,
    int keys,
    int readPerMille,
    int narrowPerMille,
    int roamPerMille,
    WorkloadKind kind) {

  public static final WorkloadOptions DEFAULT =
      new WorkloadOptions(10, Duration.ofMillis(400), 2, 300, 250, 200, WorkloadKind.MIXED);

  /// The same clients, at another pace.
  ///
  /// @param rate operations for each node and second of all of them, about
  public WorkloadOptions at(int rate, int nodes) {
    var pause = Duration.ofSeconds(sessions).dividedBy((long) rate * nodes);
    return new WorkloadOptions(
        sessions, pause, keys, readPerMille, narrowPerMille, roamPerMille, kind);
  }

  /// The same clients, about something else.
  public WorkloadOptions about(WorkloadKind other) {
    return new WorkloadOptions(
        sessions, think, keys, readPerMille, narrowPerMille, roamPerMille, other);
  }

  /// The same with no more clients than that.
  public WorkloadOptions atMost(int clients) {
    return new WorkloadOptions(
        Math.min(sessions, clients), think, keys, readPerMille, narrowPerMille, roamPerMille, kind);
  }

  /// The same with other clients, who stay at their nodes.
  public WorkloadOptions atHome(int clients) {
    return new WorkloadOptions(clients, think, keys, readPerMille, narrowPerMille, 0, kind);
  }
}
