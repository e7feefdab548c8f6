package io.starling.node.bench.catchup;

import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.bench.Check;
import io.starling.node.identity.IdentityException;
import io.starling.node.storage.StoreUnusableException;
import io.starling.node.transport.FrameKind;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Two members that each dial the other, and the links between them, which are cut and healed: what
/// goes over them from then on until both have all batches that were written meanwhile.
///
/// Counting ends when both have applied all and both streams stand again, and not by a clock, so it
/// holds what is said each second by chance only. All run in this process, over loopback, with TLS
/// and gRPC as in a node.
public final class ReconnectBench {

  /// Bytes of each value.
  public static final int VALUE_BYTES = 500;

  /// What may go over the links for each byte of the batches that are missing.
  public static final double PER_BATCH_BYTE = 1.02;

  /// What may come on top.
  public static final long SESSION_BYTES = 2_000;

  /// What gRPC puts before each message.
  public static final int MESSAGE_HEADER_BYTES = 5;

  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final long PAUSE_MILLIS = 1;

  private final Size size;
  private final Path directory;
  private final Consumer<String> progress;
  private final BenchCluster cluster;
  private long written;

  /// Who writes while the links are cut.
  public enum Writers {
    ONE,
    BOTH
  }

  /// How much is measured.
  ///
  /// @param batches how many each writer writes, each a measurement of its own
  /// @param rounds how often each of these is measured
  public record Size(List<Integer> batches, int rounds) {
    public Size {
      batches = List.copyOf(batches);
    }
  }

  /// What went over the links: of all rounds the one with the most bytes of frames.
  ///
  /// @param batches that were missing, on both sides together
  /// @param batchBytes of their bodies and signatures
  /// @param frameBytes of gRPC messages in both directions, their headers included
  /// @param wireBytes through both TCP links in both directions, with the handshakes
  /// @param kinds what the frames were, without kinds that did not come
  public record Row(
      Writers writers,
      int each,
      long batches,
      long batchBytes,
      long frameBytes,
      long wireBytes,
      SortedMap<FrameKind, Kind> kinds) {

    /// What is aimed at, for frames and for the wire.
    public double aim() {
      return PER_BATCH_BYTE * batchBytes + SESSION_BYTES;
    }

    /// The aims, met or missed.
    public List<Check> checks() {
      var which = writers.name().toLowerCase(Locale.ROOT) + "_" + each;
      return List.of(
          Check.atMost("frames_" + which, (double) frameBytes, aim()),
          Check.atMost("wire_" + which, (double) wireBytes, aim()));
    }
  }

  /// Frames of a kind, without their headers.
  public record Kind(long frames, long bytes) {}

  /// What was counted at one moment.
  private record Count(long wire, TreeMap<FrameKind, Kind> kinds) {
    Count since(Count before) {
      var more = new TreeMap<FrameKind, Kind>();
      kinds.forEach((kind, now) -> {
        var then = before.kinds.getOrDefault(kind, new Kind(0, 0));
        if (now.frames() > then.frames()) {
          more.put(kind, new Kind(now.frames() - then.frames(), now.bytes() - then.bytes()));
        }
      });
      return new Count(wire - before.wire, more);
    }

    long frameBytes() {
      return kinds.values().stream()
          .mapToLong(it -> it.bytes() + MESSAGE_HEADER_BYTES * it.frames())
          .sum();
    }
  }

  /// A member, what it has applied, and the way to it.
  private record Side(BenchNode node, BatchTally tally, LinkProxy way) {
    void dial(Side other) throws IOException {
      node.start(tally, other.way.address());
    }

    BatchTally.Sum own() {
      return tally.by(node.key());
    }
  }

  /// @param directory for all that is stored
  /// @param progress is told what is done
  public ReconnectBench(Size size, Path directory, Consumer<String> progress)
      throws IOException, IdentityException {
    this.size = size;
    this.directory = directory;
    this.progress = progress;
    this.cluster = new BenchCluster(directory.resolve("cluster"));
  }

  /// Measures.
  public List<Row> run()
      throws IOException,
          IdentityException,
          StoreUnusableException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    try (var wayToOne = new LinkProxy();
        var wayToOther = new LinkProxy();
        var first = new BenchNode(cluster.member("one"), directory.resolve("one"));
        var second = new BenchNode(cluster.member("other"), directory.resolve("other"))) {
      var one = new Side(first, new BatchTally(), wayToOne);
      var other = new Side(second, new BatchTally(), wayToOther);
      one.dial(other);
      other.dial(one);
      heal(one, other);
      while (first.members() < 2 || second.members() < 2) {
        Thread.sleep(PAUSE_MILLIS);
      }
      var rows = new ArrayList<Row>();
      for (int batches : size.batches()) {
        for (var writers : Writers.values()) {
          rows.add(most(one, other, writers, batches));
        }
      }
      first.requireQuiet();
      second.requireQuiet();
      return rows;
    }
  }

  private Row most(Side one, Side other, Writers writers, int batches)
      throws InterruptedException, ExecutionException, TimeoutException {
    var all = new ArrayList<Row>();
    for (int round = 0; round < size.rounds(); round++) {
      progress.accept(writers + " to write " + batches + " batches");
      all.add(once(one, other, writers, batches));
    }
    return all.stream().max(Comparator.comparingLong(Row::frameBytes)).orElseThrow();
  }

  private Row once(Side one, Side other, Writers writers, int batches)
      throws InterruptedException, ExecutionException, TimeoutException {
    awaitEqual(one.node(), other.node());
    one.way().cut();
    other.way().cut();
    await(() -> one.node().streams() + other.node().streams() == 0, "the links stand");
    var missing = write(one, other, writers, batches);
    var before = count(one, other);
    heal(one, other);
    one.tally().await(other.node().key(), other.own().batches(), PATIENCE);
    other.tally().await(one.node().key(), one.own().batches(), PATIENCE);
    await(() -> one.node().streams() == 2 && other.node().streams() == 2, "the links do not stand");
    var spent = count(one, other).since(before);
    return new Row(
        writers,
        batches,
        missing.batches(),
        missing.bytes(),
        spent.frameBytes(),
        spent.wire(),
        spent.kinds());
  }

  private static void heal(Side one, Side other) {
    one.way().heal(one.node().address());
    other.way().heal(other.node().address());
  }

  private static Count count(Side one, Side other) {
    var kinds = new TreeMap<FrameKind, Kind>();
    for (var kind : FrameKind.values()) {
      var a = one.node().received(kind);
      var b = other.node().received(kind);
      kinds.put(kind, new Kind(a.frames() + b.frames(), a.bytes() + b.bytes()));
    }
    return new Count(one.way().bytes() + other.way().bytes(), kinds);
  }

  /// @return what each then lacks of the other, together
  private BatchTally.Sum write(Side one, Side other, Writers writers, int batches)
      throws InterruptedException, ExecutionException, TimeoutException {
    var before = one.own().plus(other.own());
    var second =
        new FutureTask<Void>(() -> {
          write(other.node(), "other", writers == Writers.BOTH ? batches : 0);
          return null;
        });
    Thread.ofVirtual().start(second);
    write(one.node(), "one", batches);
    second.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    var missing = one.own().plus(other.own()).minus(before);
    int expected = writers == Writers.BOTH ? 2 * batches : batches;
    if (missing.batches() != expected) {
      throw new IllegalStateException(missing.batches() + " batches for " + expected + " writes");
    }
    return missing;
  }

  /// One after the other, so that each is a batch of its own.
  private void write(BenchNode node, String author, int batches)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (int i = 0; i < batches; i++) {
      var path = io.starling.crdt.cell.Path.of("bench/" + author + "/" + (10_000_000 + i));
      var set = new Mutation.Set(path, value(), ReadRule.LATEST);
      var answer = node.main().submit("bench", Optional.empty(), List.of(set));
      var outcome = answer.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (!(outcome instanceof Outcome.Committed)) {
        throw new IllegalStateException("a write was not taken: " + outcome);
      }
    }
  }

  private synchronized Value value() {
    var text = "value-" + (1_000_000_000_000_000_000L + ++written) + "-";
    return new Value.Text(text + "x".repeat(VALUE_BYTES - text.length()));
  }

  private static void await(BooleanSupplier condition, String otherwise)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException(otherwise);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private static void awaitEqual(BenchNode one, BenchNode other)
      throws InterruptedException, TimeoutException {
    await(() -> one.state().equals(other.state()), "two members do not come to hold the same");
  }
}
