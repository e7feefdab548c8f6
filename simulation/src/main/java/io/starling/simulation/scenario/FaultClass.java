package io.starling.simulation.scenario;

import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.scenario.FaultOptions.ClockOptions;
import io.starling.simulation.scenario.FaultOptions.CrashOptions;
import io.starling.simulation.scenario.FaultOptions.MemberOptions;
import io.starling.simulation.scenario.FaultOptions.Recurring;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.LieOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// A kind of fault that a run can go without.
///
/// Each draws from a stream of its own: without one of them the others come as before.
public enum FaultClass {
  PARTITIONS,
  CRASHES,
  RESTORES,
  CLOCKS,
  PAUSES,
  CLOGS,
  LOG_LOSSES,
  DAMAGES,
  ROLL_BACKS,
  COPIES,
  EVICTIONS,
  DEPARTURES,
  ABSENCES,
  JOINS,
  SPACES,

  /// Changes of who hosts a space.
  MOVES,

  /// Members that lie.
  LIES,
  /// Nodes of an older version, and their upgrades.
  UPGRADES,

  /// Frames that are lost, doubled, late, out of order or spoiled.
  LINKS,

  /// Slow syncs.
  DISKS;

  /// The same setting without it.
  public Setting without(Setting setting) {
    var faults = setting.faults();
    var stops = faults.crashes().stops();
    return switch (this) {
      case PARTITIONS -> setting.with(faults.parting(Recurring.NEVER));
      case CRASHES -> setting.with(faults.crashing(CrashOptions.NONE));
      case RESTORES -> setting.with(faults.crashing(new CrashOptions(stops, 0)));
      case CLOCKS -> setting.with(faults.timing(ClockOptions.TRUE));
      case PAUSES -> setting.with(faults.pausing(Recurring.NEVER));
      case CLOGS -> setting.with(faults.clogging(Recurring.NEVER));
      case LOG_LOSSES -> setting.with(faults.losingLogs(Recurring.NEVER));
      case DAMAGES -> setting.with(faults.damaging(Recurring.NEVER));
      case ROLL_BACKS -> setting.with(faults.rollingBack(Recurring.NEVER));
      case COPIES -> setting.with(faults.copying(Recurring.NEVER));
      case EVICTIONS, DEPARTURES, ABSENCES, JOINS ->
          setting.with(faults.changing(without(faults.members())));
      case SPACES -> setting.with(faults.listing(Recurring.NEVER));
      case MOVES -> setting.with(faults.moving(Recurring.NEVER));
      case LIES -> setting.lying(LieOptions.NONE);
      case UPGRADES -> setting.upgrading(Duration.ZERO);
      case LINKS -> setting.with(LinkOptions.GOOD);
      case DISKS -> setting.with(DiskOptions.GOOD);
    };
  }

  private MemberOptions without(MemberOptions it) {
    var never = Recurring.NEVER;
    return new MemberOptions(
        this == EVICTIONS ? never : it.evictions(),
        this == DEPARTURES ? never : it.departures(),
        this == ABSENCES ? never : it.absences(),
        this == JOINS ? never : it.joins(),
        this == JOINS ? 0 : it.joinersMost());
  }

  /// Whether a setting has it.
  public boolean isIn(Setting setting) {
    return !without(setting).equals(setting);
  }

  /// As the command line has it.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<FaultClass> find(String label) {
    return Arrays.stream(values()).filter(it -> it.label().equals(label)).findFirst();
  }
}
