package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// The cost of an update does not grow with the object it touches, in reads, writes and bytes.
class CostTest {

  private static final int SMALL = 10;
  private static final int LARGE = 100_000;
  private static final int INNER_READS_MAX = 48;

  @Test
  void addingToASet() {
    IntFunction<Mutation> add = i -> new Mutation.AddElement(Path.of("o"), element(i));
    assertSameCost(add, add.apply(LARGE * 2));
  }

  @Test
  void addingAgainWhatIsThere() {
    IntFunction<Mutation> add = i -> new Mutation.AddElement(Path.of("o"), element(i));
    assertSameCost(add, add.apply(5));
  }

  @Test
  void removingFromASet() {
    assertSameCost(
        i -> new Mutation.AddElement(Path.of("o"), element(i)),
        new Mutation.RemoveElement(Path.of("o"), element(5)));
  }

  @Test
  void settingAFieldOfAMap() {
    IntFunction<Mutation> set =
        i -> new Mutation.Set(Path.of("o").field("f" + 1_000_000 + i), element(i), ReadRule.LATEST);
    assertSameCost(set, set.apply(5));
    assertSameCost(set, set.apply(LARGE * 2));
  }

  @Test
  void addingToASetInsideAMap() {
    // The types at an inner path have no header: a glance at a few cells, then a probe for each
    // type.
    IntFunction<Mutation> add = i -> new Mutation.AddElement(Path.of("o").field("set"), element(i));
    var small = cost(add, SMALL, add.apply(LARGE * 2));
    var large = cost(add, LARGE, add.apply(LARGE * 2));
    assertThat(large.reads.size()).as("reads").isLessThanOrEqualTo(INNER_READS_MAX);
    assertThat(large.scanned).as("entries scanned").isLessThanOrEqualTo(INNER_READS_MAX);
    assertThat(large.writes).as("writes").isEqualTo(small.writes);
  }

  @Test
  void settingARegisterAmongMany() {
    IntFunction<Mutation> set =
        i -> new Mutation.Set(Path.of("k" + 1_000_000 + i), element(i), ReadRule.LATEST);
    assertSameCost(set, set.apply(5));
  }

  @Test
  void countingAmongMany() {
    IntFunction<Mutation> count = i -> new Mutation.Increment(Path.of("k" + 1_000_000 + i), 1);
    assertSameCost(count, count.apply(5));
  }

  @Test
  void operationsAtOnePlaceScanItOnce() {
    int fields = 1_000;
    int operations = 200;
    var counting = new CountingState();
    var replica = open(counting);
    var place = Path.of("o").field("inner");
    var fill = new ArrayList<Mutation>();
    for (int i = 0; i < fields; i++) {
      fill.add(new Mutation.Set(place.field("f" + i), element(i), ReadRule.LATEST));
    }
    run(replica, counting, fill);
    counting.start();
    var mutations = new ArrayList<Mutation>();
    mutations.add(new Mutation.Remove(place));
    for (int i = 0; i < operations; i++) {
      mutations.add(new Mutation.Set(place, element(i), ReadRule.LATEST));
    }
    run(replica, counting, mutations);
    assertThat(counting.scanned).isLessThan(4 * fields);
  }

  @Test
  void aDeepPathIsCheckedWhereItsNearestMapIs() {
    var counting = new CountingState();
    var replica = open(counting);
    var path = Path.of("o");
    for (int depth = 0; depth < Path.DEPTH_MAX - 1; depth++) {
      path = path.field("f");
    }
    run(replica, counting, List.of(new Mutation.Set(path.field("a"), element(1), ReadRule.LATEST)));
    counting.start();
    run(replica, counting, List.of(new Mutation.Set(path.field("b"), element(1), ReadRule.LATEST)));
    assertThat(counting.reads.stream().filter(read -> read.equals("CELLS scan")))
        .hasSizeLessThan(9);
  }

  private static void assertSameCost(IntFunction<Mutation> fill, Mutation update) {
    var small = cost(fill, SMALL, update);
    var large = cost(fill, LARGE, update);
    assertThat(large.reads).as("reads").isEqualTo(small.reads);
    assertThat(large.scanned).as("entries scanned").isEqualTo(small.scanned);
    assertThat(large.writes).as("writes").isEqualTo(small.writes);
    assertThat((double) large.bytes).as("bytes").isBetween(small.bytes * 0.9, small.bytes * 1.1);
  }

  private record Cost(List<String> reads, long scanned, List<String> writes, long bytes) {}

  private static Cost cost(IntFunction<Mutation> fill, int size, Mutation update) {
    var counting = new CountingState();
    var replica = open(counting);
    for (int from = 0; from < size; from += 5_000) {
      var mutations = new ArrayList<Mutation>();
      for (int i = from; i < Math.min(size, from + 5_000); i++) {
        mutations.add(fill.apply(i));
      }
      run(replica, counting, mutations);
    }
    counting.start();
    run(replica, counting, List.of(update));
    return counting.cost();
  }

  private static Replica open(StatePort state) {
    var setup =
        new Replica.Setup(
            Cluster.ID,
            Cluster.MAIN,
            new KeyFingerprint(1, 1),
            new byte[32],
            Limits.DEFAULT,
            state,
            () -> {
              throw new AssertionError("nothing is to be taken over");
            },
            _ -> new byte[64],
            Optional.empty(),
            () -> new TreeSet<>(Set.of(new KeyFingerprint(1, 1))),
            Proof.NEEDED);
    return Replica.open(setup, Instant.EPOCH);
  }

  private static void run(Replica replica, CountingState state, List<Mutation> mutations) {
    var submission = new Submission(1, "p", Optional.empty(), mutations);
    for (var effect : replica.on(new Event.Submitted(List.of(submission)), Instant.EPOCH)) {
      if (effect instanceof Effect.Persist(var changes)) {
        state.persist(changes);
      }
      if (effect instanceof Effect.Answer(_, var outcome)) {
        assertThat(outcome).isInstanceOf(Outcome.Committed.class);
      }
    }
  }

  /// Counts what goes in and out.
  private static final class CountingState implements StatePort {
    private final MemoryState state = new MemoryState();
    private final List<String> reads = new ArrayList<>();
    private final List<String> writes = new ArrayList<>();
    private long scanned;
    private long bytes;

    void start() {
      reads.clear();
      writes.clear();
      scanned = 0;
      bytes = 0;
    }

    Cost cost() {
      return new Cost(List.copyOf(reads), scanned, List.copyOf(writes), bytes);
    }

    void persist(Changes changes) {
      for (var write : changes.writes()) {
        // A bucket that becomes empty is taken out, which costs what a put costs.
        boolean isPut = write.value().isPresent() || write.table() == Table.BUCKETS;
        writes.add(write.table() + (isPut ? " put" : " removal"));
        bytes += write.key().length + write.value().map(v -> v.length).orElse(0);
      }
      state.persist(changes);
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      reads.add(table + " get");
      var value = state.get(table, key);
      bytes += value.map(v -> v.length).orElse(0);
      return value;
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      reads.add(table + " scan");
      state.scan(
          table,
          from,
          to,
          (key, value) -> {
            scanned++;
            bytes += key.length + value.length;
            return visitor.visit(key, value);
          });
    }
  }

  private static Value element(int i) {
    return new Value.Int(1_000_000L + i);
  }
}
