package io.starling.simulation.scenario;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.starling.replica.limits.Limits;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.scenario.FaultOptions.ClockOptions;
import io.starling.simulation.scenario.FaultOptions.CrashOptions;
import io.starling.simulation.scenario.FaultOptions.Recurring;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.Lie;
import io.starling.simulation.world.LieOptions;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;

/// What is drawn for a run in which members lie.
final class Lying {

  private static final int ALL_BUT_ONE = 1_000;

  private Lying() {}

  static Setting draw(Draws draws) {
    var bad =
        new LinkOptions(
            draws.between(0, 100),
            draws.between(0, 100),
            0,
            300,
            0,
            ofMillis(1),
            ofMillis(draws.between(1, 100)),
            Duration.ZERO);
    var lies = lies(draws.split("lies"));
    var faults =
        new FaultOptions(
            new Recurring(ofSeconds(6), ofSeconds(3)),
            new CrashOptions(new Recurring(ofSeconds(6), ofSeconds(1)), 0),
            ClockOptions.TRUE,
            Recurring.NEVER,
            Recurring.NEVER,
            lies.kinds().contains(Lie.TRANSFERS)
                ? new Recurring(ofSeconds(1), Duration.ZERO)
                : Recurring.NEVER);
    int buffered = draws.perMille(500) ? Limits.DEFAULT.bufferedBatches() : draws.between(8, 64);
    return Setting.CALM
        .with(draws.perMille(500) ? bad : LinkOptions.GOOD)
        .with(new DiskOptions(ofMillis(1), ofMillis(4), 1))
        .with(faults)
        .within(Scenario.limits(buffered, 2_000))
        .lying(lies);
  }

  /// Each kind comes in half of the runs, so that none hides another.
  private static LieOptions lies(Draws draws) {
    var kinds = new TreeSet<Lie>();
    for (var kind : Lie.values()) {
      if (draws.perMille(500)) {
        kinds.add(kind);
      }
    }
    kinds.add(draws.pick(List.of(Lie.values())));
    // State that has branches is not taken over here, and one liar at most has a word in it: two
    // that stand by each other could pass anything for state.
    boolean isState = kinds.contains(Lie.TRANSFERS) && draws.perMille(500);
    kinds.remove(isState ? Lie.EQUIVOCATION : Lie.TRANSFERS);
    if (isState) {
      // What one honest member alone has while another says nothing, nobody is there to confirm.
      kinds.remove(Lie.WITHHOLDING);
    }
    if (kinds.isEmpty()) {
      kinds.add(Lie.NONSENSE);
    }
    if (isState) {
      return new LieOptions(
          1,
          kinds,
          ofMillis(draws.between(100, 800)),
          draws.perMille(500),
          draws.pick(List.of(LieOptions.Ending.values())));
    }
    int most = draws.perMille(150) ? ALL_BUT_ONE : draws.between(1, 2);
    return new LieOptions(
        most,
        kinds,
        ofMillis(draws.between(100, 800)),
        draws.perMille(500),
        draws.pick(List.of(LieOptions.Ending.values())));
  }
}
