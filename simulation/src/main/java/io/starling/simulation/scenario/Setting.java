package io.starling.simulation.scenario;

import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.workload.WorkloadOptions;
import io.starling.simulation.world.DiskOptions;
import java.time.Duration;

/// Everything that a scenario decides.
///
/// @param proof what it takes on each node for state to be taken over
/// @param upgrades how long it takes on average until a node of the older version is upgraded; zero
///   if there are none
public record Setting(
    LinkOptions links,
    DiskOptions disks,
    FaultOptions faults,
    WorkloadOptions workload,
    Limits limits,
    Proof proof,
    Duration upgrades) {

  /// Nobody has to confirm what is taken over, and all nodes are of one version.
  Setting(
      LinkOptions links,
      DiskOptions disks,
      FaultOptions faults,
      WorkloadOptions workload,
      Limits limits) {
    this(links, disks, faults, workload, limits, Proof.WAIVED, Duration.ZERO);
  }

  /// Nothing goes wrong.
  static final Setting CALM =
      new Setting(
          LinkOptions.GOOD,
          DiskOptions.GOOD,
          FaultOptions.NONE,
          WorkloadOptions.DEFAULT,
          Limits.DEFAULT);

  Setting with(LinkOptions other) {
    return new Setting(other, disks, faults, workload, limits, proof, upgrades);
  }

  Setting with(DiskOptions other) {
    return new Setting(links, other, faults, workload, limits, proof, upgrades);
  }

  Setting with(FaultOptions other) {
    return new Setting(links, disks, other, workload, limits, proof, upgrades);
  }

  Setting with(WorkloadOptions other) {
    return new Setting(links, disks, faults, other, limits, proof, upgrades);
  }

  Setting within(Limits other) {
    return new Setting(links, disks, faults, workload, other, proof, upgrades);
  }

  Setting proving(Proof other) {
    return new Setting(links, disks, faults, workload, limits, other, upgrades);
  }

  Setting upgrading(Duration after) {
    return new Setting(links, disks, faults, workload, limits, proof, after);
  }
}
