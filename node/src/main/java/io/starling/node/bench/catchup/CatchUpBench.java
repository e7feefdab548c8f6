package io.starling.node.bench.catchup;

import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.bench.Check;
import io.starling.node.bench.Spread;
import io.starling.node.identity.IdentityException;
import io.starling.node.space.Space;
import io.starling.node.storage.StoreUnusableException;
import io.starling.node.transport.FrameKind;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// A donor, a third member that confirms, and a joiner that no log reaches back to: what it costs
/// to take over what differs, and everything.
///
/// The three hold the same cells, by the same batches. For a difference the joiner is stopped, the
/// other two take some writes and lose their logs, and the joiner is started again. For everything
/// it is started with an empty store. All run in this process, over loopback.
public final class CatchUpBench {

  private static final int TRANSACTION = 1_000;
  private static final int OUTSTANDING = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final long PAUSE_MILLIS = 20;

  private static final int ROUND_TRIPS_MOST = 3;
  private static final double PER_CELL_BYTE = 1.05;
  private static final double BLANK_RATIO = 0.5;

  // What may come on top of the cells that differ, by how many do.
  private static final SortedMap<Integer, Long> ALLOWANCE =
      new TreeMap<>(Map.of(1, 20_000L, 100, 200_000L, 10_000, 4_000_000L));

  private final Size size;
  private final Path directory;
  private final Consumer<String> progress;
  private final BenchCluster cluster;
  private final BenchCluster.Keys joinerKeys;
  private int blanks;
  private long written;

  /// How much is measured.
  ///
  /// @param cells that the members hold
  /// @param differences how many cells differ, each a measurement of its own
  /// @param rounds how often each of these is measured
  /// @param pairs of a blank member and the control; 0 leaves both out
  public record Size(int cells, List<Integer> differences, int rounds, int pairs) {
    /// With every number of differences for which there is an aim.
    public Size(int cells, int rounds, int pairs) {
      this(cells, List.copyOf(ALLOWANCE.keySet()), rounds, pairs);
    }

    public Size {
      differences = List.copyOf(differences);
    }
  }

  /// What was measured.
  ///
  /// @param blank empty if it was left out
  public record Result(List<Scattered> scattered, Optional<Blank> blank) {
    public Result {
      scattered = List.copyOf(scattered);
    }
  }

  /// What it cost where some cells differed: the most of all rounds.
  ///
  /// @param cellBytes of the names and contents of those that differ
  /// @param bytesIn of transfer frames that the joiner got, from all members
  /// @param bytesOut of those that it sent
  /// @param batchBytes of batches that came and went meanwhile
  /// @param sessions begun; more than one if a donor was given up
  /// @param fetched cells that came
  /// @param liveMillis until reads show what was taken over
  /// @param joinedMillis until it is joined with the cells
  public record Scattered(
      int differing,
      long cellBytes,
      long bytesIn,
      long bytesOut,
      long batchBytes,
      int roundTrips,
      int sessions,
      long fetched,
      Spread liveMillis,
      Spread joinedMillis) {

    /// What is aimed at, if anything is for so many.
    public List<Check> checks() {
      var trips = Check.atMost("round_trips_" + differing, roundTrips, ROUND_TRIPS_MOST);
      double bytes = (double) bytesIn + bytesOut;
      return Optional.ofNullable(ALLOWANCE.get(differing))
          .map(more -> PER_CELL_BYTE * cellBytes + more)
          .map(most -> List.of(Check.atMost("bytes_" + differing, bytes, most), trips))
          .orElse(List.of(trips));
    }
  }

  /// What it cost where everything was to come.
  ///
  /// @param bytes of transfer frames in both directions
  /// @param liveRatio the control's time by the time until reads show what was taken over
  /// @param joinedRatio the same until it is joined with the cells
  public record Blank(
      long cells,
      long cellBytes,
      long bytes,
      int roundTrips,
      Spread liveSeconds,
      Spread joinedSeconds,
      Spread controlSeconds,
      Spread liveRatio,
      Spread joinedRatio) {

    /// What is aimed at.
    public List<Check> checks() {
      return List.of(
          Check.atMost("round_trips_blank", roundTrips, ROUND_TRIPS_MOST),
          Check.atLeast("blank_vs_control", joinedRatio.median(), BLANK_RATIO));
    }
  }

  /// One measurement.
  private record Once(TransferTrace.Taken taken, BenchNode.Flow transfer, BenchNode.Flow batches) {}

  /// @param directory for all that is stored
  /// @param progress is told what is done
  public CatchUpBench(Size size, Path directory, Consumer<String> progress)
      throws IOException, IdentityException {
    this.size = size;
    this.directory = directory;
    this.progress = progress;
    this.cluster = new BenchCluster(directory.resolve("cluster"));
    this.joinerKeys = cluster.member("joiner");
  }

  /// Measures.
  public Result run()
      throws IOException,
          IdentityException,
          StoreUnusableException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    try (var donor = new BenchNode(cluster.member("donor"), directory.resolve("donor"));
        var third = new BenchNode(cluster.member("third"), directory.resolve("third"))) {
      var scattered = scattered(donor, third);
      var blank = size.pairs() == 0 ? Optional.<Blank>empty() : Optional.of(blank(donor, third));
      donor.requireQuiet();
      third.requireQuiet();
      return new Result(scattered, blank);
    }
  }

  private List<Scattered> scattered(BenchNode donor, BenchNode third)
      throws IOException,
          StoreUnusableException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var rows = new ArrayList<Scattered>();
    try (var joiner = joiner()) {
      build(donor, third, joiner);
      for (int differing : size.differences()) {
        progress.accept(differing + " cells differ");
        var all = new ArrayList<Once>();
        for (int round = 0; round < size.rounds(); round++) {
          var names = differ(donor, third, differing);
          all.add(join(joiner, donor, third, Optional.of(names)));
          joiner.stop();
        }
        rows.add(row(differing, all));
      }
    }
    return rows;
  }

  private BenchNode joiner() throws StoreUnusableException {
    return new BenchNode(joinerKeys, directory.resolve("joiner"));
  }

  /// Fills all three, by batches of the donor, and stops the joiner.
  private void build(BenchNode donor, BenchNode third, BenchNode joiner)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    progress.accept("writing " + size.cells() + " cells");
    donor.start();
    third.start(donor.address());
    joiner.start(donor.address(), third.address());
    awaitMembers(List.of(donor, third, joiner));
    var token = write(donor.main(), 0, size.cells(), 1);
    awaitCovered(third, token);
    awaitCovered(joiner, token);
    joiner.requireQuiet();
    joiner.stop();
    restart(donor, third);
  }

  /// Writes to cells far from each other, on the donor and so on the third.
  ///
  /// @return their names
  private Collection<byte[]> differ(BenchNode donor, BenchNode third, int differing)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    int apart = size.cells() / differing;
    int first = (int) (written % apart);
    awaitCovered(third, write(donor.main(), first, differing, apart));
    restart(donor, third);
    var names = new ArrayList<byte[]>();
    for (int i = 0; i < differing; i++) {
      names.add(new CellId.Single(path(first + i * apart), CellKind.REGISTER).canonical());
    }
    return names;
  }

  /// Starts both anew, without their logs.
  private static void restart(BenchNode donor, BenchNode third)
      throws IOException, InterruptedException {
    third.stop();
    donor.stop();
    donor.dropLog();
    third.dropLog();
    donor.start();
    third.start(donor.address());
  }

  private static io.starling.crdt.cell.Path path(int cell) {
    return io.starling.crdt.cell.Path.of("bench/" + (10_000_000 + cell));
  }

  /// @return what covers all that was written
  private Token write(Space space, int first, int count, int apart)
      throws InterruptedException, ExecutionException, TimeoutException {
    Deque<CompletionStage<Outcome>> outstanding = new ArrayDeque<>();
    for (int from = 0; from < count; from += TRANSACTION) {
      var mutations = new ArrayList<Mutation>();
      for (int i = from; i < Math.min(count, from + TRANSACTION); i++) {
        var value =
            new Value.Text("value-" + (1_000_000_000_000_000_000L + ++written) + "-padding");
        mutations.add(new Mutation.Set(path(first + i * apart), value, ReadRule.LATEST));
      }
      outstanding.add(space.submit("bench", Optional.empty(), mutations));
      if (outstanding.size() >= OUTSTANDING) {
        committed(outstanding.remove());
      }
    }
    while (outstanding.size() > 1) {
      committed(outstanding.remove());
    }
    return committed(outstanding.remove());
  }

  private static Token committed(CompletionStage<Outcome> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    var outcome = answer.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (outcome instanceof Outcome.Committed committed) {
      return committed.token();
    }
    throw new IllegalStateException("a write was not taken: " + outcome);
  }

  private static void awaitCovered(BenchNode node, Token token)
      throws InterruptedException, ExecutionException, TimeoutException {
    var covered =
        node.main()
            .covers(token, PATIENCE)
            .toCompletableFuture()
            .get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (covered != Space.Coverage.COVERED) {
      throw new TimeoutException("a member does not take what another wrote: " + covered);
    }
  }

  private static void awaitMembers(List<BenchNode> nodes)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (nodes.stream().anyMatch(node -> node.members() < nodes.size())) {
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException("the members do not come to know each other");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private static void awaitEqual(BenchNode one, BenchNode other)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!one.state().equals(other.state())) {
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException(
            "two members do not come to hold the same: " + one.state() + " and " + other.state());
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /// Starts the joiner and waits until it holds what the donor has.
  private Once join(
      BenchNode joiner, BenchNode donor, BenchNode third, Optional<Collection<byte[]>> names)
      throws IOException, InterruptedException, TimeoutException {
    awaitEqual(donor, third);
    var trace = new TransferTrace(BenchNode.main(joinerKeys), names);
    joiner.start(trace, donor.address(), third.address());
    var taken = trace.await(PATIENCE);
    awaitEqual(joiner, donor);
    joiner.requireQuiet();
    return new Once(taken, joiner.bytes(FrameKind.TRANSFER), joiner.bytes(FrameKind.BATCHES));
  }

  private static Scattered row(int differing, List<Once> all) {
    var most = all.stream().max(Comparator.comparingLong(once -> once.transfer().both()));
    var once = most.orElseThrow();
    if (all.stream().anyMatch(it -> it.taken().differing() != differing)) {
      throw new IllegalStateException("not all cells came that differ");
    }
    return new Scattered(
        differing,
        once.taken().differingBytes(),
        once.transfer().in(),
        once.transfer().out(),
        once.batches().both(),
        all.stream().mapToInt(it -> it.taken().roundTrips()).max().orElseThrow(),
        all.stream().mapToInt(it -> it.taken().sessions()).max().orElseThrow(),
        all.stream().mapToLong(it -> it.taken().cells()).max().orElseThrow(),
        millis(all.stream().map(it -> it.taken().live()).toList()),
        millis(all.stream().map(it -> it.taken().joined()).toList()));
  }

  private static Spread millis(List<Duration> times) {
    return Spread.of(times.stream().map(it -> it.toNanos() / 1e6).toList());
  }

  private static Spread seconds(List<Duration> times) {
    return Spread.of(times.stream().map(it -> it.toNanos() / 1e9).toList());
  }

  /// A blank member and the control in turn, after one of each that is not measured.
  private Blank blank(BenchNode donor, BenchNode third)
      throws IOException,
          IdentityException,
          StoreUnusableException,
          InterruptedException,
          TimeoutException {
    var all = new ArrayList<Once>();
    var controls = new ArrayList<Duration>();
    try (var control = new CopyControl(cluster)) {
      for (int pair = 0; pair <= size.pairs(); pair++) {
        progress.accept(pair == 0 ? "warming up" : "pair " + pair + " of " + size.pairs());
        var once = blankOnce(donor, third);
        var copied = copied(control, donor);
        if (pair > 0) {
          all.add(once);
          controls.add(copied);
        }
      }
    }
    var last = all.getLast();
    return new Blank(
        last.taken().cells(),
        last.taken().differingBytes(),
        all.stream().mapToLong(it -> it.transfer().both()).max().orElseThrow(),
        all.stream().mapToInt(it -> it.taken().roundTrips()).max().orElseThrow(),
        seconds(all.stream().map(it -> it.taken().live()).toList()),
        seconds(all.stream().map(it -> it.taken().joined()).toList()),
        seconds(controls),
        ratio(controls, all.stream().map(it -> it.taken().live()).toList()),
        ratio(controls, all.stream().map(it -> it.taken().joined()).toList()));
  }

  private Once blankOnce(BenchNode donor, BenchNode third)
      throws IOException,
          IdentityException,
          StoreUnusableException,
          InterruptedException,
          TimeoutException {
    // A new member each time: one that had lost its store would be told so.
    var keys = cluster.member("blank-" + ++blanks);
    var place = directory.resolve("blank");
    Once once;
    try (var joiner = new BenchNode(keys, place)) {
      once = join(joiner, donor, third, Optional.empty());
    }
    delete(place);
    if (once.taken().cells() < size.cells()) {
      throw new IllegalStateException(once.taken().cells() + " cells came");
    }
    return once;
  }

  private Duration copied(CopyControl control, BenchNode donor)
      throws IOException, StoreUnusableException, InterruptedException {
    var place = directory.resolve("control-store");
    var space = BenchNode.main(joinerKeys);
    Duration took;
    try (var target = BenchNode.open(joinerKeys, place)) {
      took = control.copy(donor.store().space(space), target.space(space));
    }
    delete(place);
    return took;
  }

  private static Spread ratio(List<Duration> controls, List<Duration> times) {
    var ratios = new ArrayList<Double>();
    for (int i = 0; i < times.size(); i++) {
      ratios.add((double) controls.get(i).toNanos() / times.get(i).toNanos());
    }
    return Spread.of(ratios);
  }

  private static void delete(Path place) throws IOException {
    try (var all = Files.walk(place)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
