package io.starling.node.bench;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.hosting.HostParts;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.identity.NodeKey;
import io.starling.node.loop.QueueLimits;
import io.starling.node.space.Space;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.storage.StoreUnusableException;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/// What two spaces of one node take from each other: how much is written to both at once, against
/// as many clients on one; and how long a write to one takes beside another that stands still,
/// whose store refuses, or that is flooded, against the same alone.
///
/// Spaces with their loops over RocksDB, as in a node, and their clients are in this process; there
/// is no network. What is compared is measured in turn, pair by pair, and in turn either goes
/// first.
public final class SpacesBench implements AutoCloseable {

  private static final RocksStore.Options OPTIONS = new RocksStore.Options(64L << 20, 0);
  private static final String NEIGHBOUR = "neighbour";
  private static final int LATENCY_CLIENTS = 4;
  private static final int WARM_UP_ROUNDS = 2;

  private static final double THROUGHPUT_RATIO = 0.9;
  private static final double IDLE_NEIGHBOUR_RATIO = 1.5;

  private final TroubledStore store;
  private final HostedSpaces spaces;
  private final Space main;
  private final Space neighbour;
  private final Size size;
  private final Consumer<String> progress;
  private final AtomicLong sequence = new AtomicLong();

  /// How much is measured.
  ///
  /// @param pairs 1 or more; 7 give a median that can be quoted
  /// @param each how long either half of a pair lasts
  /// @param clients on each space, each number a measurement of its own
  public record Size(int pairs, Duration each, List<Integer> clients) {
    public Size {
      clients = List.copyOf(clients);
    }
  }

  /// What was measured.
  public record Result(List<Throughput> throughput, List<Beside> beside) {
    public Result {
      throughput = List.copyOf(throughput);
      beside = List.copyOf(beside);
    }
  }

  /// Durable single-operation transactions per second.
  ///
  /// @param clients on each of the two spaces; on the one there are twice as many
  /// @param ratio of two to one, pair by pair
  public record Throughput(int clients, Spread two, Spread one, Spread ratio) {
    /// What is held against an aim.
    public Check check() {
      return Check.atLeast(
          "two_spaces_vs_one_" + clients + "_clients", ratio.median(), THROUGHPUT_RATIO);
    }
  }

  /// Milliseconds that a write to a space took, by itself and beside a neighbour.
  ///
  /// @param written transactions that were measured beside it
  /// @param neighbourWritten what the neighbour took meanwhile
  /// @param neighbourRefused what it refused
  public record Beside(
      Neighbour neighbour,
      Latency alone,
      Latency beside,
      Latency ratio,
      long written,
      long neighbourWritten,
      long neighbourRefused) {

    /// What is held against an aim: a neighbour that does nothing must cost nothing. One that is
    /// flooded shares the processors and the disk, and has no aim.
    public List<Check> checks() {
      return neighbour == Neighbour.FLOODED
          ? List.of()
          : List.of(
              Check.atMost(
                  "p50_beside_" + neighbour.label(), ratio.p50().median(), IDLE_NEIGHBOUR_RATIO),
              Check.atMost(
                  "p99_beside_" + neighbour.label(), ratio.p99().median(), IDLE_NEIGHBOUR_RATIO));
    }
  }

  /// Two quantiles, of all pairs.
  public record Latency(Spread p50, Spread p99) {
    private static Latency of(List<Double> p50, List<Double> p99) {
      return new Latency(Spread.of(p50), Spread.of(p99));
    }
  }

  /// What the space beside the measured one is at.
  public enum Neighbour {
    STANDS_STILL,
    REFUSES,
    FLOODED;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param directory for the node's store
  public SpacesBench(Size size, java.nio.file.Path directory, Consumer<String> progress)
      throws StoreUnusableException {
    this.size = size;
    this.progress = progress;
    var key = NodeKey.generate();
    var cluster = new ClusterId(0, 1);
    store = new TroubledStore(RocksStore.open(directory, cluster, key.fingerprint(), OPTIONS));
    spaces =
        new HostedSpaces(
            new HostParts(
                new HostParts.Identity(cluster, key.fingerprint(), key, _ -> true),
                store,
                (_, _) -> {},
                Limits.DEFAULT,
                Proof.NEEDED,
                QueueLimits.DEFAULT,
                new HostParts.Records(
                    new ActivityRing(), new AlarmBook(), InstantSource.system())));
    requireCommitted(spaces.create("bench", NEIGHBOUR).toCompletableFuture().join());
    main = spaces.find(SpaceId.MAIN).orElseThrow();
    neighbour = spaces.find(NEIGHBOUR).orElseThrow();
  }

  /// Measures.
  public Result run() throws InterruptedException {
    progress.accept("warming up");
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      load(List.of(main, neighbour), LATENCY_CLIENTS);
    }
    var throughput = new ArrayList<Throughput>();
    for (int clients : size.clients()) {
      throughput.add(throughput(clients));
    }
    var beside = new ArrayList<Beside>();
    for (var kind : Neighbour.values()) {
      beside.add(beside(kind));
    }
    return new Result(throughput, beside);
  }

  private Throughput throughput(int clients) throws InterruptedException {
    var two = new ArrayList<Double>();
    var one = new ArrayList<Double>();
    var ratio = new ArrayList<Double>();
    for (int pair = 0; pair < size.pairs(); pair++) {
      progress.accept("two spaces, " + clients + " clients each, pair " + (pair + 1));
      boolean isTwoFirst = pair % 2 == 0;
      double first = isTwoFirst ? two(clients) : one(clients);
      double second = isTwoFirst ? one(clients) : two(clients);
      two.add(isTwoFirst ? first : second);
      one.add(isTwoFirst ? second : first);
      ratio.add(two.getLast() / one.getLast());
    }
    return new Throughput(clients, Spread.of(two), Spread.of(one), Spread.of(ratio));
  }

  private double two(int clients) throws InterruptedException {
    return load(List.of(main, neighbour), clients).perSecond();
  }

  private double one(int clients) throws InterruptedException {
    return load(List.of(main), 2 * clients).perSecond();
  }

  private Beside beside(Neighbour kind) throws InterruptedException {
    var alone = new ArrayList<Quantiles>();
    var beside = new ArrayList<Quantiles>();
    long written = 0;
    long taken = 0;
    long refused = 0;
    for (int pair = 0; pair < size.pairs(); pair++) {
      progress.accept("beside one that " + kind.label() + ", pair " + (pair + 1));
      boolean isAloneFirst = pair % 2 == 0;
      if (isAloneFirst) {
        alone.add(load(List.of(main), LATENCY_CLIENTS).quantiles());
      }
      try (var pressure = new NeighbourLoad(neighbour, store, kind, this::request)) {
        pressure.awaitEffect();
        var loaded = load(List.of(main), LATENCY_CLIENTS);
        beside.add(loaded.quantiles());
        written += loaded.nanos().length;
        taken += pressure.taken();
        refused += pressure.refused();
      }
      if (!isAloneFirst) {
        alone.add(load(List.of(main), LATENCY_CLIENTS).quantiles());
      }
    }
    return new Beside(
        kind, latency(alone), latency(beside), ratio(beside, alone), written, taken, refused);
  }

  private static Latency latency(List<Quantiles> all) {
    return Latency.of(
        all.stream().map(Quantiles::p50).toList(), all.stream().map(Quantiles::p99).toList());
  }

  private static Latency ratio(List<Quantiles> beside, List<Quantiles> alone) {
    var p50 = new ArrayList<Double>();
    var p99 = new ArrayList<Double>();
    for (int pair = 0; pair < alone.size(); pair++) {
      p50.add(beside.get(pair).p50() / alone.get(pair).p50());
      p99.add(beside.get(pair).p99() / alone.get(pair).p99());
    }
    return Latency.of(p50, p99);
  }

  /// What some clients did.
  ///
  /// @param nanos that each transaction took
  private record Loaded(long[] nanos, double seconds) {
    double perSecond() {
      return nanos.length / seconds;
    }

    Quantiles quantiles() {
      return Quantiles.of(nanos);
    }
  }

  /// Clients that write one transaction after the other, each to one space.
  private Loaded load(List<Space> to, int clientsEach) throws InterruptedException {
    var took = new ConcurrentLinkedQueue<long[]>();
    var failure = new ConcurrentLinkedQueue<RuntimeException>();
    var threads = new ArrayList<Thread>();
    long begin = System.nanoTime();
    long end = begin + size.each().toNanos();
    for (var space : to) {
      for (int client = 0; client < clientsEach; client++) {
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    took.add(writeUntil(space, end));
                  } catch (RuntimeException failed) {
                    failure.add(failed);
                  }
                }));
      }
    }
    for (var thread : threads) {
      thread.join();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (!failure.isEmpty()) {
      throw failure.element();
    }
    return new Loaded(took.stream().flatMapToLong(Arrays::stream).toArray(), seconds);
  }

  /// Writes at least once.
  private long[] writeUntil(Space space, long end) {
    var nanos = LongStream.builder();
    long before = System.nanoTime();
    do {
      requireCommitted(space.submit(request()).toCompletableFuture().join());
      long after = System.nanoTime();
      nanos.add(after - before);
      before = after;
    } while (before < end);
    return nanos.build().toArray();
  }

  private Request request() {
    long n = sequence.incrementAndGet();
    var set =
        new Mutation.Set(Path.of(Load.key(n)), new Value.Text(Load.value(n)), ReadRule.LATEST);
    return new Request("bench", Optional.empty(), List.of(set));
  }

  private static void requireCommitted(Outcome outcome) {
    if (!(outcome instanceof Outcome.Committed)) {
      throw new IllegalStateException("a transaction of the benchmark: " + outcome);
    }
  }

  @Override
  public void close() throws InterruptedException {
    store.end();
    spaces.close();
    store.close();
  }
}
