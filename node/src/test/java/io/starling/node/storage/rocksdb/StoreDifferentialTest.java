package io.starling.node.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import io.starling.replica.status.Position;
import io.starling.replica.status.SpaceStatus;
import io.starling.simulation.Plan;
import io.starling.simulation.Simulation;
import io.starling.simulation.scenario.FaultClass;
import io.starling.simulation.scenario.Reduction;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.world.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The simulator's disks against RocksDB: engines run in the simulator, all that they write goes to
/// a real store beside the simulated one, and whatever they read is read from both and must be the
/// same. Every so often a store is closed and opened again in between.
final class StoreDifferentialTest {

  private static final int REOPENED_EVERY = 150;
  private static final int JOINERS_MOST = 20;
  private static final RocksStore.Options OPTIONS = new RocksStore.Options(1 << 20, 0);

  /// Nothing by which a disk forgets or rots, which is the simulator's alone.
  private static final Set<FaultClass> KEPT =
      EnumSet.of(
          FaultClass.PARTITIONS,
          FaultClass.CLOCKS,
          FaultClass.PAUSES,
          FaultClass.CLOGS,
          FaultClass.JOINS,
          FaultClass.LINKS,
          FaultClass.DISKS);

  @TempDir private Path directory;

  private final TreeMap<KeyFingerprint, RocksStore> stores = new TreeMap<>();
  private int runs;
  private long reads;
  private long rows;
  private long writes;
  private long promoted;
  private long reopened;

  @AfterEach
  void close() {
    stores.values().forEach(RocksStore::close);
  }

  @Test
  void whatEnginesReadIsTheSame() {
    run(Scenario.SPLIT_BRAIN, 3);
    run(Scenario.SHORT_LOGS, 5);
    // Until somebody who joins has taken over a state as a whole.
    for (long seed = 1; seed <= JOINERS_MOST && promoted == 0; seed++) {
      run(Scenario.JOINERS, seed);
    }

    assertThat(reads).isGreaterThan(2_000);
    assertThat(rows).isGreaterThan(2_000);
    assertThat(reopened).isGreaterThan(5);
    assertThat(promoted).as("states taken over as a whole").isPositive();
  }

  private void run(Scenario scenario, long seed) {
    stores.values().forEach(RocksStore::close);
    stores.clear();
    runs++;
    var plan =
        new Plan(scenario, seed, 3, Duration.ofSeconds(6), this::open)
            .with(new Reduction(new TreeSet<>(EnumSet.complementOf(EnumSet.copyOf(KEPT))), 0));
    var report = Simulation.run(plan);
    assertThat(report.failure()).as(plan.command()).isEmpty();
  }

  private Engine open(Replica.Setup setup, Instant now) {
    var both = new Both(setup);
    both.begin();
    var replica =
        Replica.open(
            new Replica.Setup(
                setup.cluster(),
                setup.space(),
                setup.key(),
                setup.entropy(),
                setup.limits(),
                both,
                setup.snapshots(),
                setup.signer(),
                setup.system(),
                setup.membership(),
                setup.proof()),
            now);
    return new Engine() {
      @Override
      public List<Effect> on(Event event, Instant at) {
        var effects = replica.on(event, at);
        for (var effect : effects) {
          if (effect instanceof Effect.Persist(var changes)) {
            both.persist(changes);
          }
        }
        return effects;
      }

      @Override
      public SpaceStatus status() {
        return replica.status();
      }

      @Override
      public Position position() {
        return replica.position();
      }
    };
  }

  private RocksStore store(ClusterId cluster, KeyFingerprint node) {
    return stores.computeIfAbsent(
        node,
        _ -> {
          try {
            return RocksStore.open(directory.resolve(runs + "-" + node), cluster, node, OPTIONS);
          } catch (StoreUnusableException unusable) {
            throw new AssertionError("a new store", unusable);
          }
        });
  }

  /// A simulated state and a real one, which must read alike.
  private final class Both implements StatePort {

    private final ClusterId cluster;
    private final KeyFingerprint node;
    private final SpaceId space;
    private final StatePort simulated;

    Both(Replica.Setup setup) {
      this.cluster = setup.cluster();
      this.node = setup.key();
      this.space = setup.space();
      this.simulated = setup.state();
    }

    /// A node that was stopped before a sync has lost what the real store has: there it begins with
    /// what the simulated one has kept.
    void begin() {
      var rows = new ArrayList<Changes.Write>();
      for (var table : Table.values()) {
        simulated.scan(
            table,
            new byte[0],
            new byte[0],
            (key, value) -> rows.add(new Changes.Write(table, key, Optional.of(value))));
      }
      store(cluster, node).drop(space);
      store(cluster, node).space(space).persist(new Changes(rows));
    }

    void persist(Changes changes) {
      store(cluster, node).space(space).persist(changes);
      promoted += changes.fresh() == Changes.Fresh.PROMOTED ? 1 : 0;
      if (++writes % REOPENED_EVERY == 0) {
        stores.remove(node).close();
        reopened++;
      }
    }

    private StatePort real() {
      return store(cluster, node).space(space).live();
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      var wanted = simulated.get(table, key);
      var found = real().get(table, key);
      reads++;
      assertThat(found.map(Arrays::toString))
          .as("%s of %s at %s", table, space, Arrays.toString(key))
          .isEqualTo(wanted.map(Arrays::toString));
      return wanted;
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      var wanted = new ArrayList<String>();
      boolean[] hasEnough = {false};
      simulated.scan(
          table,
          from,
          to,
          (key, value) -> {
            wanted.add(Arrays.toString(key) + Arrays.toString(value));
            hasEnough[0] = !visitor.visit(key, value);
            return !hasEnough[0];
          });
      var found = new ArrayList<String>();
      real()
          .scan(
              table,
              from,
              to,
              (key, value) -> {
                found.add(Arrays.toString(key) + Arrays.toString(value));
                return !hasEnough[0] || found.size() < wanted.size();
              });
      rows += found.size();
      assertThat(found).as("%s of %s", table, space).isEqualTo(wanted);
    }
  }
}
