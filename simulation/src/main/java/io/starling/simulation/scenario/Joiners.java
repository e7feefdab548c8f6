package io.starling.simulation.scenario;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.starling.replica.limits.Limits;
import io.starling.replica.limits.LogRetention;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.scenario.FaultOptions.ClockOptions;
import io.starling.simulation.scenario.FaultOptions.CrashOptions;
import io.starling.simulation.scenario.FaultOptions.MemberOptions;
import io.starling.simulation.scenario.FaultOptions.Recurring;
import io.starling.simulation.world.DiskOptions;

/// What comes together with members that join: partitions and crashes in each run; each of the
/// others in some, so that none hides another.
final class Joiners {

  private static final int MOST = 4;

  private final Draws draws;

  private Joiners(Draws draws) {
    this.draws = draws;
  }

  static Setting draw(Draws draws) {
    var joiners = new Joiners(draws);
    return Setting.CALM
        .with(new DiskOptions(ofMillis(1), ofMillis(4), 1))
        .with(joiners.faults())
        .within(joiners.limits());
  }

  private FaultOptions faults() {
    var crashes =
        new CrashOptions(new Recurring(ofSeconds(4), ofSeconds(1)), draws.perMille(300) ? 300 : 0);
    var faults =
        new FaultOptions(
                new Recurring(ofSeconds(5), ofSeconds(3)),
                crashes,
                ClockOptions.TRUE,
                Recurring.NEVER,
                Recurring.NEVER,
                draws.perMille(200) ? new Recurring(ofSeconds(2), ZERO) : Recurring.NEVER)
            .changing(members());
    var damages = draws.perMille(200) ? new Recurring(ofSeconds(5), ZERO) : Recurring.NEVER;
    return faults.damaging(damages);
  }

  private MemberOptions members() {
    var evictions = draws.perMille(250) ? new Recurring(ofSeconds(8), ZERO) : Recurring.NEVER;
    var departures =
        draws.perMille(400) ? new Recurring(ofSeconds(6), ofSeconds(6)) : Recurring.NEVER;
    var absences =
        draws.perMille(250) ? new Recurring(ofSeconds(8), ofSeconds(4)) : Recurring.NEVER;
    return new MemberOptions(evictions, departures, absences)
        .joining(new Recurring(ofSeconds(draws.between(1, 6)), ZERO), MOST);
  }

  private Limits limits() {
    var limits = Scenario.limits(Limits.DEFAULT.bufferedBatches(), 2_000);
    // Long enough for the members to stay together by log; one that is new needs state.
    var retention =
        new LogRetention(
            draws.between(4_000, 30_000),
            ofMillis(draws.between(2_000, 10_000)),
            ofMillis(draws.between(0, 1_000)));
    return draws.perMille(300) ? limits : limits.retaining(retention);
  }
}
