package io.starling.simulation.scenario;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.LogRetention;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.scenario.FaultOptions.ClockOptions;
import io.starling.simulation.scenario.FaultOptions.CrashOptions;
import io.starling.simulation.scenario.FaultOptions.MemberOptions;
import io.starling.simulation.scenario.FaultOptions.Recurring;
import io.starling.simulation.workload.WorkloadKind;
import io.starling.simulation.workload.WorkloadOptions;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.LieOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// A named way in which things go wrong.
public enum Scenario {
  CALM("nothing goes wrong; two keys of each type, so there is conflict all the same") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM;
    }
  },

  SPLIT_BRAIN("partitions every 5 s for 4 s: halves, one alone, one way, a bridge, flapping") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM.with(faults(new Recurring(ofSeconds(5), ofSeconds(4))));
    }
  },

  CRASHES("a node stops every 3 s, at any point, for 2 s; what it had not synced is lost") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 2))
          .with(crashes(new Recurring(ofSeconds(3), ofSeconds(2)), 0))
          .within(Scenario.limits(Limits.DEFAULT.bufferedBatches(), 2_000));
    }
  },

  RESTORES("a node stops every 2 s for 1 s, and most starts are over an older copy of its store") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 0))
          .with(crashes(new Recurring(ofSeconds(2), ofSeconds(1)), 600))
          .within(Scenario.limits(Limits.DEFAULT.bufferedBatches(), 2_000));
    }
  },

  LOSSY("15 % lost, 20 % twice, 5 % again up to 20 s later, half out of order, 1 % spoiled") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM
          .with(new LinkOptions(150, 200, 50, 500, 10, ofMillis(1), ofMillis(150), ofSeconds(20)))
          .within(Scenario.limits(8, 2_000));
    }
  },

  CLOCKS("clocks off by up to 30 s, gaining up to 1 %, jumping by up to an hour, some by years") {
    @Override
    Setting draw(Draws draws) {
      var jumpMost = draws.perMille(250) ? ofDays(3_650) : ofHours(1);
      var clocks =
          new ClockOptions(
              ofSeconds(30), 10_000, new Recurring(ofSeconds(4), ofSeconds(3)), jumpMost);
      return Setting.CALM.with(
          new FaultOptions(
              Recurring.NEVER,
              CrashOptions.NONE,
              clocks,
              Recurring.NEVER,
              Recurring.NEVER,
              Recurring.NEVER));
    }
  },

  LOST_LOGS(
      "a node loses its log every second, as partitions and crashes come and go: state instead") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 2))
          .with(
              new FaultOptions(
                  new Recurring(ofSeconds(5), ofSeconds(4)),
                  new CrashOptions(new Recurring(ofSeconds(4), ofSeconds(2)), 0),
                  ClockOptions.TRUE,
                  Recurring.NEVER,
                  Recurring.NEVER,
                  new Recurring(ofSeconds(1), ZERO)));
    }

    @Override
    public int roundsMax() {
      return 400;
    }
  },

  SHORT_LOGS(
      "logs of some seconds and kilobytes, as partitions, crashes, restores come and go: state instead") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 2))
          .with(
              new FaultOptions(
                  new Recurring(ofSeconds(6), ofSeconds(5)),
                  new CrashOptions(new Recurring(ofSeconds(3), ofSeconds(2)), 300),
                  ClockOptions.TRUE,
                  Recurring.NEVER,
                  Recurring.NEVER,
                  Recurring.NEVER))
          .within(Limits.DEFAULT.retaining(retention(draws)));
    }
  },

  COPIES(
      "a copy of a node is started beside it, with its key, every 5 s for 4 s; crashes as well") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 0))
          .with(
              crashes(new Recurring(ofSeconds(5), ofSeconds(1)), 200)
                  .copying(new Recurring(ofSeconds(5), ofSeconds(4))))
          .within(Scenario.limits(Limits.DEFAULT.bufferedBatches(), 2_000));
    }
  },

  EVICTIONS(
      "a member's key is revoked every 6 s, which the others hear of sooner or later; partitions and"
          + " crashes as well") {
    @Override
    Setting draw(Draws draws) {
      return Setting.CALM
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 0))
          .with(
              new FaultOptions(
                      new Recurring(ofSeconds(4), ofSeconds(4)),
                      new CrashOptions(new Recurring(ofSeconds(5), ofSeconds(1)), 0),
                      ClockOptions.TRUE,
                      Recurring.NEVER,
                      Recurring.NEVER,
                      Recurring.NEVER)
                  .changing(
                      new MemberOptions(
                          new Recurring(ofSeconds(6), ZERO), Recurring.NEVER, Recurring.NEVER)))
          .within(
              Scenario.limits(
                  draws.perMille(500) ? Limits.DEFAULT.bufferedBatches() : draws.between(8, 64),
                  2_000));
    }
  },

  DEPARTURES(
      "a member leaves every 3 s, one is away or lost every 5 s, which the others let go of;"
          + " partitions and crashes as well") {
    @Override
    Setting draw(Draws draws) {
      var limits = Scenario.limits(Limits.DEFAULT.bufferedBatches(), 2_000);
      return Setting.CALM
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 1))
          .with(
              new FaultOptions(
                      new Recurring(ofSeconds(4), ofSeconds(3)),
                      new CrashOptions(new Recurring(ofSeconds(3), ofSeconds(1)), 0),
                      ClockOptions.TRUE,
                      Recurring.NEVER,
                      Recurring.NEVER,
                      Recurring.NEVER)
                  .changing(
                      new MemberOptions(
                          Recurring.NEVER,
                          new Recurring(ofSeconds(3), ofSeconds(6)),
                          new Recurring(ofSeconds(5), ofSeconds(5)))))
          .within(draws.perMille(500) ? limits : limits.retaining(STABLE_FOR_A_SECOND));
    }
  },

  DAMAGES(
      "a store is damaged every 3 s, set aside and made anew from the others; partitions and crashes"
          + " as well") {
    @Override
    Setting draw(Draws draws) {
      var limits = Scenario.limits(Limits.DEFAULT.bufferedBatches(), 2_000);
      return Setting.CALM
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 1))
          .with(
              new FaultOptions(
                      new Recurring(ofSeconds(5), ofSeconds(3)),
                      new CrashOptions(new Recurring(ofSeconds(4), ofSeconds(1)), 0),
                      ClockOptions.TRUE,
                      Recurring.NEVER,
                      Recurring.NEVER,
                      Recurring.NEVER)
                  .damaging(new Recurring(ofSeconds(3), ZERO)))
          .within(draws.perMille(700) ? limits : limits.retaining(retention(draws)));
    }

    @Override
    public int roundsMax() {
      return 400;
    }
  },

  JOINERS(
      "up to four machines join, one every 1 to 6 s, by members that may be down or cut off; partitions,"
          + " crashes and short logs, and in some runs departures, evictions or damage as well") {
    @Override
    Setting draw(Draws draws) {
      return Joiners.draw(draws);
    }

    @Override
    public int roundsMax() {
      return 400;
    }
  },

  SPACES(
      "spaces are created and dropped every 700 ms, some hosted by half of the members; partitions,"
          + " crashes and in half of the runs joining members as well") {
    @Override
    Setting draw(Draws draws) {
      return Spaces.draw(draws);
    }

    @Override
    public int roundsMax() {
      return 400;
    }
  },

  FORKS(
      "a machine is set back with its memory every 2 s, while its node runs, and gives numbers of"
          + " batches again; partitions, crashes and a bad network as well") {
    @Override
    Setting draw(Draws draws) {
      var bad =
          new LinkOptions(
              draws.between(0, 150),
              draws.between(0, 150),
              0,
              300,
              0,
              ofMillis(1),
              ofMillis(draws.between(1, 100)),
              ZERO);
      return Setting.CALM
          .with(draws.perMille(500) ? bad : LinkOptions.GOOD)
          .with(new DiskOptions(ofMillis(1), ofMillis(4), 1))
          .with(
              new FaultOptions(
                      new Recurring(ofSeconds(4), ofSeconds(3)),
                      new CrashOptions(new Recurring(ofSeconds(5), ofSeconds(1)), 0),
                      ClockOptions.TRUE,
                      Recurring.NEVER,
                      Recurring.NEVER,
                      Recurring.NEVER)
                  .rollingBack(new Recurring(ofSeconds(2), ofMillis(800))))
          .within(Scenario.limits(Limits.DEFAULT.bufferedBatches(), 2_000));
    }

    @Override
    public int roundsMax() {
      return 400;
    }
  },

  BYZANTINE(
      "one or two members lie in ten ways, in some runs all but one; partitions, crashes and a bad"
          + " network as well; in half of the runs they are evicted in the end") {
    @Override
    Setting draw(Draws draws) {
      return Lying.draw(draws);
    }

    @Override
    public int roundsMax() {
      return 120;
    }
  },

  SWARM("everything at once, at rates drawn from the seed; some faults do not come at all") {
    @Override
    Setting draw(Draws draws) {
      return Swarm.draw(draws);
    }
  };

  static final LogRetention STABLE_FOR_A_SECOND =
      new LogRetention(
          LogRetention.DEFAULT.bytes(), LogRetention.DEFAULT.age(), Duration.ofSeconds(1));

  private final String summary;

  Scenario(String summary) {
    this.summary = summary;
  }

  /// What goes wrong, in one line.
  public String summary() {
    return summary;
  }

  /// The name on the command line: `split-brain`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The scenario of a name.
  public static Optional<Scenario> find(String label) {
    return Arrays.stream(values()).filter(each -> each.label().equals(label)).findFirst();
  }

  /// Decides everything that the scenario leaves to chance.
  public Setting setting(Draws draws) {
    var setting = draw(draws.split("setting"));
    // From a stream of its own: what else a seed means does not hang on it.
    boolean isProven = !isProvenOtherwise() && draws.split("proof").perMille(500);
    var proof = isProven ? Proof.NEEDED : Proof.WAIVED;
    var versions = draws.split("versions");
    boolean areMixed = isUpgraded() && versions.perMille(500);
    return setting.proving(proof).upgrading(areMixed ? ofSeconds(versions.between(1, 8)) : ZERO);
  }

  /// Those who join prove nothing yet, and among liars all is proven anyhow.
  private boolean isProvenOtherwise() {
    return this == JOINERS || this == BYZANTINE;
  }

  /// Whether there are nodes of two versions in some runs.
  private boolean isUpgraded() {
    return this == SHORT_LOGS || this == JOINERS;
  }

  abstract Setting draw(Draws draws);

  /// Rounds of anti-entropy within which all nodes converge after the faults have ended.
  ///
  /// A round reaches one random peer a node, so news needs about log₂ n of them, and a few more for
  /// pulls; connections take up to 2 s to be noticed.
  public int roundsMax() {
    return 60;
  }

  /// Limits with a small causal buffer, so that it overflows, and small answers to pulls, so that
  /// most take several.
  static Limits limits(int bufferedBatches, int pullBytes) {
    var usual = Limits.DEFAULT;
    return new Limits(
        usual.transactionOperations(),
        usual.transactionBytes(),
        usual.valueBytes(),
        usual.clearedCells(),
        bufferedBatches,
        pullBytes,
        usual.tick(),
        usual.round(),
        usual.drift());
  }

  /// A log of next to nothing, or of a few batches; by size, by age, or both.
  private static LogRetention retention(Draws draws) {
    long bytes =
        draws.perMille(600) ? draws.between(1, 10_000) : Limits.DEFAULT.retention().bytes();
    var age = ofMillis(draws.between(0, 10_000));
    var stableAge = draws.perMille(500) ? ZERO : ofMillis(draws.between(0, (int) age.toMillis()));
    return new LogRetention(bytes, age, stableAge);
  }

  private static FaultOptions faults(Recurring partitions) {
    return new FaultOptions(
        partitions,
        CrashOptions.NONE,
        ClockOptions.TRUE,
        Recurring.NEVER,
        Recurring.NEVER,
        Recurring.NEVER);
  }

  private static FaultOptions crashes(Recurring stops, int restorePerMille) {
    return new FaultOptions(
        Recurring.NEVER,
        new CrashOptions(stops, restorePerMille),
        ClockOptions.TRUE,
        Recurring.NEVER,
        Recurring.NEVER,
        Recurring.NEVER);
  }

  /// Rates drawn from the seed: each fault is left out in some runs, so that none hides another.
  private static final class Swarm {

    private final Draws draws;

    private Swarm(Draws draws) {
      this.draws = draws;
    }

    static Setting draw(Draws draws) {
      var swarm = new Swarm(draws);
      return new Setting(
          swarm.links(),
          swarm.disks(),
          swarm.faults(),
          swarm.workload(),
          swarm.limits(),
          LieOptions.NONE);
    }

    private LinkOptions links() {
      return new LinkOptions(
          upTo(250),
          upTo(300),
          upTo(100),
          upTo(700),
          upTo(10),
          ofMillis(draws.between(0, 20)),
          ofMillis(draws.between(0, 400)),
          ofSeconds(30));
    }

    private DiskOptions disks() {
      return new DiskOptions(
          ofMillis(draws.between(0, 10)), ofMillis(draws.between(0, 30)), upTo(10));
    }

    private FaultOptions faults() {
      var crashes = new CrashOptions(recurring(1, 8, 4), draws.perMille(500) ? upTo(500) : 0);
      return new FaultOptions(
              recurring(2, 10, 5),
              crashes,
              clocks(),
              recurring(3, 15, 3),
              recurring(1, 5, 2),
              Recurring.NEVER)
          .copying(recurring(5, 15, 5))
          .changing(members())
          .listing(spaces());
    }

    /// From a stream of its own, as well.
    private Recurring spaces() {
      var own = draws.split("listed");
      var often = new Recurring(ofMillis(own.between(500, 4_000)), ZERO);
      return own.perMille(400) ? often : Recurring.NEVER;
    }

    /// From a stream of its own: what else a seed means does not hang on it.
    private MemberOptions members() {
      var own = draws.split("members");
      var joins = new Recurring(ofSeconds(own.between(1, 8)), ZERO);
      return own.perMille(400) ? MemberOptions.NONE.joining(joins, 2) : MemberOptions.NONE;
    }

    private ClockOptions clocks() {
      if (!draws.perMille(500)) {
        return ClockOptions.TRUE;
      }
      // Farther than what counts as drift, in some.
      var most = ofSeconds(draws.between(0, 90));
      return draws.perMille(400)
          ? new ClockOptions(most, 1_000, recurring(2, 10, 3), ofHours(1))
          : new ClockOptions(most, 1_000, Recurring.NEVER, ZERO);
    }

    private WorkloadOptions workload() {
      return new WorkloadOptions(
          draws.between(3, 16),
          ofMillis(draws.between(100, 1_000)),
          draws.between(1, 4),
          draws.between(100, 500),
          upTo(600),
          upTo(500),
          WorkloadKind.MIXED);
    }

    private Limits limits() {
      var usual = Limits.DEFAULT;
      int buffered = draws.perMille(500) ? usual.bufferedBatches() : draws.between(1, 16);
      int pulled = draws.perMille(500) ? usual.pullBytes() : draws.between(1, 4_000);
      var limits = Scenario.limits(buffered, pulled);
      return draws.perMille(300) ? limits.retaining(retention(draws)) : limits;
    }

    private Recurring recurring(int everyLeast, int everyMost, int lastingMost) {
      var every = ofSeconds(draws.between(everyLeast, everyMost));
      var lasting = Duration.ofMillis(draws.between(100, lastingMost * 1_000));
      return draws.perMille(700) ? new Recurring(every, lasting) : Recurring.NEVER;
    }

    private int upTo(int most) {
      int rate = draws.between(0, most);
      return draws.perMille(700) ? rate : 0;
    }
  }
}
