package io.starling.simulation.scenario;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.starling.replica.limits.Limits;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.scenario.FaultOptions.ClockOptions;
import io.starling.simulation.scenario.FaultOptions.CrashOptions;
import io.starling.simulation.scenario.FaultOptions.MemberOptions;
import io.starling.simulation.scenario.FaultOptions.Recurring;
import io.starling.simulation.world.DiskOptions;

/// What comes together with spaces that come and go: partitions and crashes in each run; each of
/// the others in some, so that none hides another.
final class Spaces {

  private final Draws draws;
  // Of a stream of its own: what else a seed means does not hang on it.
  private final Draws beside;

  private Spaces(Draws draws) {
    this.draws = draws;
    this.beside = draws.split("beside");
  }

  static Setting draw(Draws draws) {
    var spaces = new Spaces(draws);
    var members = spaces.members();
    return Setting.CALM
        .with(new DiskOptions(ofMillis(1), ofMillis(4), 1))
        .with(spaces.faults(members))
        .within(spaces.limits());
  }

  private FaultOptions faults(MemberOptions members) {
    var crashes =
        new CrashOptions(new Recurring(ofSeconds(3), ofSeconds(1)), beside.perMille(300) ? 300 : 0);
    return new FaultOptions(
            new Recurring(ofSeconds(4), ofSeconds(3)),
            crashes,
            ClockOptions.TRUE,
            Recurring.NEVER,
            Recurring.NEVER,
            Recurring.NEVER)
        .changing(members)
        .damaging(sometimes(300, new Recurring(ofSeconds(4), ZERO)))
        .copying(members.departures().comes() ? Recurring.NEVER : copies())
        .listing(new Recurring(ofMillis(700), ZERO));
  }

  private MemberOptions members() {
    boolean isJoined = draws.perMille(500);
    var members =
        new MemberOptions(
            sometimes(250, new Recurring(ofSeconds(8), ZERO)),
            sometimes(300, new Recurring(ofSeconds(4), ofSeconds(6))),
            sometimes(250, new Recurring(ofSeconds(6), ofSeconds(4))));
    return isJoined ? members.joining(new Recurring(ofSeconds(3), ZERO), 2) : members;
  }

  /// Not of members that leave: a copy that goes on has no note of that.
  private Recurring copies() {
    return sometimes(250, new Recurring(ofSeconds(5), ofSeconds(4)));
  }

  private Recurring sometimes(int perMille, Recurring often) {
    return beside.perMille(perMille) ? often : Recurring.NEVER;
  }

  private Limits limits() {
    var limits = Scenario.limits(Limits.DEFAULT.bufferedBatches(), 2_000);
    return draws.perMille(500) ? limits : limits.retaining(Scenario.STABLE_FOR_A_SECOND);
  }
}
