package io.starling.node.bench.cost;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.node.bench.Check;
import io.starling.node.bench.Spread;
import io.starling.node.bench.cost.PortMeter.Passed;
import io.starling.node.storage.SpaceStore;
import io.starling.node.storage.StoreUnusableException;
import io.starling.node.storage.rocksdb.Footprint;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;

/// What an object takes at rest, and what one update of it, and one question about it, cost by its
/// size: rows and bytes that pass the storage port of the engine, and time.
///
/// An engine and a RocksDB, and nothing else of a node. All but the time is the same on every
/// machine.
public final class SizeBench {

  private static final int TRANSACTION = 1_000;
  private static final int WRITERS = 3;
  private static final int MEMBERS = 10;
  private static final int ELEMENT_BYTES = 16;
  private static final int PAGE = 100;
  private static final long CACHE_BYTES = 64L << 20;
  private static final long SEED = 7;

  private static final double BESIDES_MOST = 24;
  private static final double COST_MOST = 1.1;
  private static final double TIME_MOST = 2;

  private static final List<Mutation> ONE = List.of(new Mutation.Increment(Path.of("counter"), 1));

  private final Size size;
  private final java.nio.file.Path directory;
  private final Consumer<String> progress;

  /// How much is measured.
  ///
  /// @param small elements, or fields, of the smaller set and map
  /// @param large of the larger
  /// @param few replicas, of ten members, that have counted on the one counter
  /// @param many on the other
  /// @param updates of each, in turn with those of the other size
  public record Size(int small, int large, int few, int many, int updates) {
    /// What the aims are for.
    public static final Size WHOLE = new Size(1_000, 1_000_000, 10, 1_000, 201);
  }

  /// What was measured.
  public record Result(AtRest atRest, List<Row> rows) {
    public Result {
      rows = List.copyOf(rows);
    }

    /// What is aimed at.
    public List<Check> checks() {
      var checks = new ArrayList<Check>();
      checks.add(Check.atMost("bytes_besides_element", atRest.besides(), BESIDES_MOST));
      rows.forEach(row -> checks.addAll(row.checks()));
      return checks;
    }
  }

  /// The larger set, without its log, after all was compacted.
  ///
  /// @param elements each added by one of three replicas
  /// @param elementBytes of each, as UTF-8
  /// @param liveBytes on disk, by table; all that is not empty
  public record AtRest(long elements, int elementBytes, Map<Table, Long> liveBytes) {
    /// Bytes for each element beyond its own.
    public double besides() {
      long all = liveBytes.values().stream().mapToLong(it -> it).sum();
      return (double) all / elements - elementBytes;
    }
  }

  /// One update or question, at both sizes.
  ///
  /// @param isUpdate what is asked is answered with more bytes where there is more, and found later
  public record Row(String name, boolean isUpdate, Once small, Once large) {
    /// What is aimed at.
    public List<Check> checks() {
      var rows = Check.atMost(name + "_rows", rowsRatio(), COST_MOST);
      return isUpdate
          ? List.of(
              rows,
              Check.atMost(name + "_bytes", bytesRatio(), COST_MOST),
              Check.atMost(name + "_time", timeRatio(), TIME_MOST))
          : List.of(rows);
    }

    public double rowsRatio() {
      return large.rows() / small.rows();
    }

    public double bytesRatio() {
      return large.bytes() / small.bytes();
    }

    public double timeRatio() {
      return large.micros().median() / small.micros().median();
    }
  }

  /// The mean of what passed the port, and the time with its spread.
  public record Once(double rows, double bytes, Spread micros) {}

  /// An object in a store of its own.
  private record Subject(
      java.nio.file.Path place,
      RocksStore store,
      SpaceStore space,
      PortMeter meter,
      BenchReplica writer,
      Random random) {}

  /// What is done to an object; some answers differ in length, so it is done often.
  @FunctionalInterface
  private interface Act {
    void perform(Subject subject);
  }

  /// @param directory for all that is stored
  /// @param progress is told what is done
  public SizeBench(Size size, java.nio.file.Path directory, Consumer<String> progress) {
    this.size = size;
    this.directory = directory;
    this.progress = progress;
  }

  /// Measures.
  public Result run() throws StoreUnusableException {
    var rows = new ArrayList<Row>();
    var atRest = sets(rows);
    maps(rows);
    counters(rows);
    return new Result(atRest, rows);
  }

  private AtRest sets(List<Row> rows) throws StoreUnusableException {
    var path = Path.of("set");
    Act add = subject -> subject.writer().write(List.of(add(path, subject.random())));
    var small = filled("set-small", size.small(), random -> add(path, random));
    var large = filled("set-large", size.large(), random -> add(path, random));
    try {
      rows.add(update("set_add", small, large, add));
      rows.add(question("set_page", small, large, subject -> page(subject, path)));
      rows.add(question("set_contains", small, large, subject -> contains(subject, path)));
      rows.add(question("set_cardinality", small, large, subject -> cardinality(subject, path)));
      dropLog(large.space());
    } finally {
      small.store().close();
      large.store().close();
    }
    progress.accept("compacting");
    var live = Footprint.compacted(large.place());
    live.values().removeIf(bytes -> bytes == 0);
    return new AtRest((long) size.large() + size.updates() + 1, ELEMENT_BYTES, live);
  }

  private void maps(List<Row> rows) throws StoreUnusableException {
    var path = Path.of("map");
    Act set = subject -> subject.writer().write(List.of(set(path, subject.random())));
    var small = filled("map-small", size.small(), random -> set(path, random));
    var large = filled("map-large", size.large(), random -> set(path, random));
    try {
      rows.add(update("map_set", small, large, set));
    } finally {
      small.store().close();
      large.store().close();
    }
  }

  private void counters(List<Row> rows) throws StoreUnusableException {
    var small = counted("counter-few", size.few());
    var large = counted("counter-many", size.many());
    try {
      rows.add(update("counter_increment", small, large, subject -> subject.writer().write(ONE)));
    } finally {
      small.store().close();
      large.store().close();
    }
  }

  private static Mutation add(Path path, Random random) {
    return new Mutation.AddElement(path, WireBench.text(random, ELEMENT_BYTES));
  }

  private static Mutation set(Path path, Random random) {
    var field = "f" + random.nextLong(Long.MAX_VALUE);
    return new Mutation.Set(
        path.field(field), WireBench.text(random, ELEMENT_BYTES), ReadRule.LATEST);
  }

  private static void page(Subject subject, Path path) {
    var after = Optional.of(WireBench.text(subject.random(), 1));
    new SpaceReader(BenchReplica.MAIN, subject.meter()).elements(path, after, PAGE);
  }

  private static void contains(Subject subject, Path path) {
    var element = WireBench.text(subject.random(), ELEMENT_BYTES);
    new SpaceReader(BenchReplica.MAIN, subject.meter()).contains(path, element);
  }

  private static void cardinality(Subject subject, Path path) {
    new SpaceReader(BenchReplica.MAIN, subject.meter()).cardinality(path.key());
  }

  private Row update(String name, Subject small, Subject large, Act act) {
    return row(name, true, small, large, act);
  }

  private Row question(String name, Subject small, Subject large, Act act) {
    return row(name, false, small, large, act);
  }

  /// One measurement at both sizes, by turns, after one that is not measured.
  private Row row(String name, boolean isUpdate, Subject small, Subject large, Act act) {
    progress.accept(name);
    var costs = new Costs();
    var others = new Costs();
    act.perform(small);
    act.perform(large);
    for (int i = 0; i < size.updates(); i++) {
      costs.add(small, act);
      others.add(large, act);
    }
    return new Row(name, isUpdate, costs.mean(), others.mean());
  }

  private static final class Costs {
    private final List<Passed> passed = new ArrayList<>();
    private final List<Double> micros = new ArrayList<>();

    private void add(Subject subject, Act act) {
      var before = subject.meter().passed();
      long begin = System.nanoTime();
      act.perform(subject);
      micros.add((System.nanoTime() - begin) / 1e3);
      passed.add(subject.meter().passed().since(before));
    }

    private Once mean() {
      double rows = passed.stream().mapToLong(Passed::rows).average().orElseThrow();
      double bytes = passed.stream().mapToLong(Passed::bytes).average().orElseThrow();
      return new Once(rows, bytes, Spread.of(micros));
    }
  }

  /// An object that three replicas have filled by turns, each with as many.
  private Subject filled(String name, int count, Function<Random, Mutation> more)
      throws StoreUnusableException {
    progress.accept("filling " + name);
    var subject = subject(name);
    var others = new ArrayList<BenchReplica>();
    for (int other = 2; other <= WRITERS; other++) {
      others.add(BenchReplica.inMemory(other));
    }
    int each = Math.min(TRANSACTION, count / WRITERS);
    for (int from = 0, turn = 0; from < count; from += each, turn++) {
      var mutations = new ArrayList<Mutation>();
      for (int i = from; i < Math.min(count, from + each); i++) {
        mutations.add(more.apply(subject.random()));
      }
      if (turn % WRITERS == 0) {
        subject.writer().write(mutations);
      } else {
        subject.writer().take(others.get(turn % WRITERS - 1).write(mutations));
      }
    }
    return subject;
  }

  /// A counter on which members have counted through many starts, each time as another replica.
  private Subject counted(String name, int origins) throws StoreUnusableException {
    progress.accept("filling " + name);
    var subject = subject(name);
    for (int other = 2; other <= MEMBERS; other++) {
      var replica = BenchReplica.inMemory(other);
      for (int start = 0; start < origins / MEMBERS; start++) {
        subject.writer().take(replica.write(ONE));
        subject.writer().rest();
        replica = replica.restarted();
      }
    }
    return subject;
  }

  private Subject subject(String name) throws StoreUnusableException {
    var place = directory.resolve(name);
    var options = new RocksStore.Options(CACHE_BYTES, 0);
    var store = RocksStore.open(place, BenchReplica.CLUSTER, new KeyFingerprint(0, 1), options);
    var space = store.space(BenchReplica.MAIN);
    var meter = new PortMeter(space);
    var writer = BenchReplica.over(1, meter, meter::persist);
    return new Subject(place, store, space, meter, writer, new Random(SEED));
  }

  private static void dropLog(SpaceStore space) {
    var gone = new ArrayList<Changes.Write>();
    space
        .live()
        .scan(
            Table.LOG,
            new byte[0],
            new byte[0],
            (key, _) -> gone.add(new Changes.Write(Table.LOG, key.clone(), Optional.empty())));
    space.persist(new Changes(Collections.unmodifiableList(gone)));
  }
}
