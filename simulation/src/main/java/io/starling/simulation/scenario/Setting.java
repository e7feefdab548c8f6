package io.starling.simulation.scenario;

import io.starling.replica.limits.Limits;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.workload.WorkloadOptions;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.LieOptions;

/// Everything that a scenario decides.
public record Setting(
    LinkOptions links,
    DiskOptions disks,
    FaultOptions faults,
    WorkloadOptions workload,
    Limits limits,
    LieOptions lies) {

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
    return new Setting(other, disks, faults, workload, limits, lies);
  }

  Setting with(DiskOptions other) {
    return new Setting(links, other, faults, workload, limits, lies);
  }

  Setting with(FaultOptions other) {
    return new Setting(links, disks, other, workload, limits, lies);
  }

  Setting with(WorkloadOptions other) {
    return new Setting(links, disks, faults, other, limits, lies);
  }

  Setting lying(LieOptions other) {
    return new Setting(links, disks, faults, workload, limits, other);
  }

  Setting within(Limits other) {
    return new Setting(links, disks, faults, workload, other, lies);
  }
}
