package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.node.loop.LoopObserver;
import io.starling.node.storage.Rebuilding;
import io.starling.node.storage.Remains;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.LogRemains;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The making anew of one space whose store was damaged and set aside. Until it is over, clients
/// are told to ask another node.
///
/// First the other members give what they have, by log or by state, as to any member that is
/// behind. What the damaged store had applied beyond that is read from its log: only what is
/// signed, verified anew, and only if nothing of it is missing in between. So rot spreads nowhere,
/// and a write that this node alone had is not lost as long as it can be read.
final class SpaceRebuild implements LoopObserver {

  /// How long to wait for what the damaged store had applied, once there is nothing more to be had
  /// from the members in reach.
  static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(SpaceRebuild.class);
  private static final int CHUNK_BATCHES = 64;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final long NEWS_MILLIS = 500;
  private static final int NAMED_MAX = 3;
  private static final String UNKNOWN =
      "it cannot be read any more what it had applied; what no other member has is lost";

  private final Setup setup;
  private final Rebuilding rebuilding;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Thread thread;
  private Optional<SpaceStatus> latest = Optional.empty();
  private volatile Predicate<List<SignedBatch>> taker = _ -> false;
  private volatile boolean isOver;

  /// What it works with.
  ///
  /// @param genuine whether a batch was signed by whom it names
  /// @param others the members, as far as they are known, without this one
  /// @param patience how long to wait for what nobody in reach has
  /// @param over is told, when it is over, what of the damaged store is nowhere to be had
  record Setup(
      String name,
      SpaceId space,
      StatePort live,
      Predicate<SignedBatch> genuine,
      Supplier<SortedSet<KeyFingerprint>> others,
      Duration patience,
      Consumer<Optional<String>> over) {}

  SpaceRebuild(Setup setup, Rebuilding rebuilding) {
    this.setup = setup;
    this.rebuilding = rebuilding;
    this.thread = Thread.ofVirtual().name("rebuild-" + setup.name()).unstarted(this::run);
  }

  /// Begins.
  ///
  /// @param taker takes batches that were read from a damaged store, unless earlier ones still wait
  void begin(Predicate<List<SignedBatch>> taker) {
    this.taker = taker;
    thread.start();
  }

  /// Why clients must ask another node; empty once it is over.
  Optional<String> objection() {
    return isOver
        ? Optional.empty()
        : Optional.of(
            "this node's store was found damaged ("
                + rebuilding.reason()
                + ") and is being made anew from the other members; ask another node");
  }

  @Override
  public void told(SpaceStatus status) {
    lock.lock();
    try {
      latest = Optional.of(status);
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void stopped() {
    thread.interrupt();
  }

  /// What the damaged store had applied of a replica beyond what is here.
  ///
  /// @param have the last seq that is here
  /// @param had the last that was there
  private record Missing(long have, long had) {}

  private void run() {
    var remains = rebuilding.remains();
    try {
      var lost = rebuilt(left(remains));
      rebuilding.done(setup.space());
      isOver = true;
      setup.over().accept(lost);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (StorageFailure failure) {
      LOG.error(
          "space {} cannot be made anew; it is tried again at the next start: {}",
          setup.name(),
          failure.getMessage());
    } finally {
      remains.forEach(Remains::close);
    }
  }

  /// Returns when all is here that can be had.
  ///
  /// @return what cannot
  private Optional<String> rebuilt(List<Left> left) throws InterruptedException {
    boolean isKnown = left.stream().anyMatch(it -> it.applied().isPresent());
    var had = had(left);
    SortedMap<ReplicaId, Missing> before = new TreeMap<>();
    long since = System.nanoTime();
    while (true) {
      var status = level();
      var missing = missing(had);
      if (missing.isEmpty() && isKnown) {
        return Optional.empty();
      }
      if (missing.isEmpty() && isLevelWithAll(status)) {
        return Optional.of(UNKNOWN);
      }
      if (!missing.equals(before)) {
        before = missing;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > setup.patience().toNanos()) {
        return Optional.of(missing.isEmpty() ? UNKNOWN : text(missing));
      }
      for (var it : left) {
        feed(it.log(), missing);
      }
      awaitNews();
    }
  }

  /// What is left of the space in one damaged store.
  ///
  /// @param applied what it had applied; empty if that cannot be read
  private record Left(Optional<Token> applied, LogRemains log) {}

  private List<Left> left(List<Remains> remains) {
    var left = new ArrayList<Left>();
    for (var store : remains) {
      try {
        store.space(setup.space()).ifPresent(state -> left.add(left(state)));
      } catch (StorageFailure unreadable) {
        LOG.warn("space {}: {}", setup.name(), unreadable.getMessage());
      }
    }
    return left;
  }

  private Left left(StatePort state) {
    var log = new LogRemains(state);
    try {
      var token = new StoredSpace(state).token();
      // Without a vector, and with a log, it is the vector that is lost.
      return new Left(
          log.last().isEmpty()
              ? Optional.of(token.orElseGet(() -> new Token(setup.space(), List.of())))
              : token,
          log);
    } catch (StorageFailure unreadable) {
      LOG.warn("space {}: {}", setup.name(), unreadable.getMessage());
      return new Left(Optional.empty(), log);
    }
  }

  private static SortedMap<ReplicaId, Long> had(List<Left> left) {
    var had = new TreeMap<ReplicaId, Long>();
    for (var it : left) {
      it.applied()
          .ifPresent(token ->
              token.heads().forEach(head -> had.merge(head.replica(), head.seq(), Math::max)));
      it.log().last().forEach((replica, seq) -> had.merge(replica, seq, Math::max));
    }
    return had;
  }

  private SortedMap<ReplicaId, Missing> missing(SortedMap<ReplicaId, Long> had) {
    var here = new StoredSpace(setup.live());
    var missing = new TreeMap<ReplicaId, Missing>();
    had.forEach((replica, seq) -> {
      long have = here.head(replica).map(Origin::seq).orElse(0L);
      if (have < seq) {
        missing.put(replica, new Missing(have, seq));
      }
    });
    return missing;
  }

  /// Waits until no member in reach has more than is here, and one is.
  private SpaceStatus level() throws InterruptedException {
    while (true) {
      var status = awaitNews();
      if (status.isPresent() && isLevel(status.get())) {
        return status.get();
      }
    }
  }

  private static boolean isLevel(SpaceStatus status) {
    var heard =
        status.peers().stream().filter(it -> it.isUp() && it.applied().isPresent()).toList();
    return !heard.isEmpty()
        && status.catchingUp().isEmpty()
        && heard.stream().allMatch(it -> it.ahead() == 0);
  }

  private boolean isLevelWithAll(SpaceStatus status) {
    var level =
        status.peers().stream()
            .filter(it -> it.isUp() && it.applied().isPresent() && it.ahead() == 0)
            .map(SpaceStatus.PeerStatus::key)
            .collect(Collectors.toCollection(TreeSet::new));
    return level.containsAll(setup.others().get());
  }

  /// Gives the loop what the log of a damaged store has of what is missing.
  private void feed(LogRemains log, SortedMap<ReplicaId, Missing> missing)
      throws InterruptedException {
    var chunk = new ArrayList<SignedBatch>();
    for (var entry : missing.entrySet()) {
      var range = entry.getValue();
      var next = batch(log, entry.getKey(), range.have() + 1);
      for (long seq = range.have() + 1; next.isPresent() && seq <= range.had(); ) {
        chunk.add(next.get());
        seq++;
        int bytes = chunk.stream().mapToInt(SignedBatch::bytes).sum();
        if (chunk.size() >= CHUNK_BATCHES || bytes >= CHUNK_BYTES) {
          give(chunk);
        }
        next = batch(log, entry.getKey(), seq);
      }
    }
    give(chunk);
  }

  private void give(List<SignedBatch> chunk) throws InterruptedException {
    while (!chunk.isEmpty() && !taker.test(List.copyOf(chunk))) {
      awaitNews();
    }
    chunk.clear();
  }

  private Optional<SignedBatch> batch(LogRemains log, ReplicaId replica, long seq) {
    return log.batch(replica, seq).filter(setup.genuine());
  }

  private Optional<SpaceStatus> awaitNews() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      latest = Optional.empty();
      long left = TimeUnit.MILLISECONDS.toNanos(NEWS_MILLIS);
      while (latest.isEmpty() && left > 0) {
        left = news.awaitNanos(left);
      }
      return latest;
    } finally {
      lock.unlock();
    }
  }

  private static String text(SortedMap<ReplicaId, Missing> missing) {
    var named =
        missing.entrySet().stream()
            .limit(NAMED_MAX)
            .map(it ->
                "batches "
                    + (it.getValue().have() + 1)
                    + " to "
                    + it.getValue().had()
                    + " of "
                    + it.getKey())
            .collect(Collectors.joining(", "));
    int more = missing.size() - NAMED_MAX;
    return named
        + (more > 0 ? " and of " + more + " more replicas" : "")
        + " cannot be read, and no member in reach has them";
  }
}
