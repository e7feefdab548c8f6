package io.starling.simulation.scenario;

import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.workload.WorkloadOptions;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.LieOptions;
import java.time.Duration;

/// Everything that a scenario decides.
///
/// @param lies what liars tell
/// @param proof what it takes on each node for state to be taken over; among liars it is needed
/// @param upgrades how long it takes on average until a node of the older version is upgraded; zero
///   if there are none
public record Setting(
    LinkOptions links,
    DiskOptions disks,
    FaultOptions faults,
    WorkloadOptions workload,
    Limits limits,
    LieOptions lies,
    Proof proof,
    Duration upgrades) {

  /// Nobody has to confirm what is taken over, and all nodes are of one version.
  Setting(
      LinkOptions links,
      DiskOptions disks,
      FaultOptions faults,
      WorkloadOptions workload,
      Limits limits,
      LieOptions lies) {
    this(links, disks, faults, workload, limits, lies, Proof.WAIVED, Duration.ZERO);
  }

  /// Nothing goes wrong.
  static final Setting CALM =
      new Setting(
          LinkOptions.GOOD,
          DiskOptions.GOOD,
          FaultOptions.NONE,
          WorkloadOptions.DEFAULT,
          Limits.DEFAULT,
          LieOptions.NONE);

  Setting with(LinkOptions other) {
    return new Setting(other, disks, faults, workload, limits, lies, proof, upgrades);
  }

  Setting with(DiskOptions other) {
    return new Setting(links, other, faults, workload, limits, lies, proof, upgrades);
  }

  Setting with(FaultOptions other) {
    return new Setting(links, disks, other, workload, limits, lies, proof, upgrades);
  }

  Setting with(WorkloadOptions other) {
    return new Setting(links, disks, faults, other, limits, lies, proof, upgrades);
  }

  Setting lying(LieOptions other) {
    return new Setting(links, disks, faults, workload, limits, other, proof, upgrades);
  }

  Setting within(Limits other) {
    return new Setting(links, disks, faults, workload, other, lies, proof, upgrades);
  }

  Setting proving(Proof other) {
    return new Setting(links, disks, faults, workload, limits, lies, other, upgrades);
  }

  Setting upgrading(Duration after) {
    return new Setting(links, disks, faults, workload, limits, lies, proof, after);
  }
}
