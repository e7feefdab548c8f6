package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.loop.LoopObserver;
import io.starling.node.storage.Rebuilding;
import io.starling.node.storage.Remains;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.LogRemains;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.state.Stranded;
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
///
/// It gives up own batches that cannot be read and that nobody in reach has; and, once all members
/// are in reach, own ones that follow on what cannot be read, and what others wrote and cannot be
/// read ([Stranded]). All else is waited for however long; after a while the space serves without
/// them, as any that is behind. But not if nothing at all has come: then the whole cluster may be
/// damaged, and an operator is to decide. Only who hosts a space alone waits for nobody: it serves
/// what could be read, and gives up the rest when `_system` is made anew and still names no other
/// host. And who is to host the space no longer is given nothing by those who are: it reads what it
/// had, to hand that over, and gives nothing up.
final class SpaceRebuild implements LoopObserver {

  /// How long to wait for own batches that cannot be read, once there is nothing more to be had
  /// from the members in reach; and for a member that says it has more and does not give it.
  static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(SpaceRebuild.class);
  private static final int CHUNK_BATCHES = 64;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final long NEWS_MILLIS = 500;
  private static final Duration FEED_AGAIN = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(10);
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
  private volatile boolean isServing;

  /// Who hosts a space beside this node.
  enum Company {
    /// Others as well, or that is not known yet.
    AMONG_HOSTS,
    /// Nobody.
    ALONE,
    /// This node is no host: others give it nothing.
    NO_HOST
  }

  /// What is known here of `_system`.
  interface OfSystem {
    /// Whether it is made anew, as far as that can be.
    boolean isAnew();

    /// Whether a batch of it is neither here, where it is made anew, nor with any other member, all
    /// of which are in reach.
    boolean isLost(VersionVector.Entry batch);
  }

  /// What it works with.
  ///
  /// @param self this node
  /// @param genuine whether a batch was signed by whom it names
  /// @param others the members, as far as they are known, without this one
  /// @param company whether this node hosts the space, and others do, too, as `_system` says
  /// @param patience how long to wait for what nobody in reach has
  /// @param over is told, when it is over or goes on beside clients, what of the damaged store is
  ///   not there
  record Setup(
      String name,
      SpaceId space,
      OfSystem system,
      KeyFingerprint self,
      StatePort live,
      Predicate<SignedBatch> genuine,
      Supplier<SortedSet<KeyFingerprint>> others,
      Supplier<Company> company,
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

  /// Returns when its thread has ended, which the end of the loop asks for: from then on it uses no
  /// store.
  void join() throws InterruptedException {
    thread.join();
  }

  /// Why clients must ask another node; empty once it is over, or goes on beside them.
  Optional<String> objection() {
    return isOver || isServing
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

  /// What the damaged stores had applied of a replica beyond what is here.
  ///
  /// @param have the last seq that is here
  /// @param had the last that was there
  private record Missing(long have, long had) {}

  /// What the damaged stores had applied.
  ///
  /// @param isKnown whether that could be read of all of them
  private record Had(SortedMap<ReplicaId, Long> seqs, boolean isKnown) {}

  private void run() {
    try {
      while (!isOver) {
        try {
          var lost = rebuilt();
          rebuilding.done(setup.space());
          isOver = true;
          setup.over().accept(lost);
        } catch (StorageFailure failure) {
          // A full disk, mostly: the old database is still there.
          LOG.error(
              "space {} cannot be made anew now; it is tried again: {}",
              setup.name(),
              failure.getMessage());
          Thread.sleep(RETRY);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /// Returns when all is here that can be had.
  ///
  /// @return what cannot
  private Optional<String> rebuilt() throws InterruptedException {
    var had = had();
    SortedMap<ReplicaId, Missing> before = new TreeMap<>();
    long since = System.nanoTime();
    var fed = Optional.<Long>empty();
    while (true) {
      var level = level();
      var missing = missing(had.seqs());
      long now = System.nanoTime();
      if (!missing.equals(before) || level.hasWaited()) {
        before = missing;
        since = now;
      }
      boolean isLate = now - since > setup.patience().toNanos();
      boolean isAlone = isAlone();
      // Who was just taken off the hosts may not have been heard yet.
      boolean isSure = !isAlone || (isLate && setup.system().isAnew());
      if (missing.isEmpty() && (had.isKnown() || (isSure && isLevelWithAll(level.status())))) {
        return had.isKnown() ? Optional.empty() : Optional.of(UNKNOWN);
      }
      boolean mayFeed = fed.isEmpty() || now - fed.get() > FEED_AGAIN.toNanos();
      if (mayFeed || isLate) {
        fed = Optional.of(now);
        var readable = feed(missing);
        boolean isHost = setup.company().get() != Company.NO_HOST;
        if (isLate && isHost && isOwn(missing) && readable.isEmpty() && !missing.isEmpty()) {
          return Optional.of(named(missing) + " cannot be read, and no member in reach has them");
        }
        boolean mayBeGivenUp = isLate && isHost && isLevelWithAll(level.status());
        if (mayBeGivenUp && !missing.isEmpty() && areStranded(missing, readable)) {
          return Optional.of(
              named(missing)
                  + " cannot be read, or follow on what this node wrote and that cannot be read,"
                  + " and no other member has it");
        }
        if (isLate && isAlone && setup.system().isAnew() && !missing.isEmpty()) {
          return Optional.of(
              named(missing) + " cannot be read or applied, and no other member hosts the space");
        }
        boolean isAny = !level.status().token().heads().isEmpty();
        if (isLate && !isServing && (isAlone || !isHost || isAny)) {
          isServing = true;
          setup.over().accept(Optional.of(isHost ? waitedFor(missing) : notHandedOver(missing)));
        }
      }
      awaitNews();
    }
  }

  private boolean isOwn(SortedMap<ReplicaId, Missing> missing) {
    return missing.keySet().stream().allMatch(replica -> replica.key().equals(setup.self()));
  }

  private boolean areStranded(
      SortedMap<ReplicaId, Missing> missing, SortedMap<ReplicaId, Batch> readable) {
    var first = new TreeMap<ReplicaId, Stranded.First>();
    missing.forEach((replica, it) -> {
      var batch = Optional.ofNullable(readable.get(replica));
      first.put(replica, new Stranded.First(it.have() + 1, batch));
    });
    return Stranded.areAll(setup.self(), first, setup.system()::isLost);
  }

  private boolean isAlone() {
    return setup.company().get() == Company.ALONE;
  }

  /// Reads what the damaged stores had; one space at a time, for each has them open meanwhile.
  private Had had() {
    synchronized (rebuilding) {
      var remains = rebuilding.remains();
      try {
        var seqs = new TreeMap<ReplicaId, Long>();
        boolean isKnown = remains.size() == rebuilding.setAside().size();
        for (var store : remains) {
          isKnown &= note(store, seqs);
        }
        return new Had(seqs, isKnown);
      } finally {
        remains.forEach(Remains::close);
      }
    }
  }

  /// Notes what one damaged store had applied.
  ///
  /// @return whether it could be read
  private boolean note(Remains store, SortedMap<ReplicaId, Long> seqs) {
    try {
      var state = store.space(setup.space());
      if (state.isEmpty()) {
        return true;
      }
      var log = new LogRemains(state.get());
      log.last().forEach((replica, seq) -> seqs.merge(replica, seq, Math::max));
      var token = new StoredSpace(state.get()).token();
      token.ifPresent(
          it -> it.heads().forEach(head -> seqs.merge(head.replica(), head.seq(), Math::max)));
      // Without a vector, and with a log, it is the vector that is lost.
      return token.isPresent() || log.last().isEmpty();
    } catch (StorageFailure | AssertionError broken) {
      // The engine takes for impossible what a damaged store may well hold.
      LOG.warn("space {}: {}", setup.name(), broken.getMessage());
      return false;
    }
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

  /// That no member in reach has more than is here.
  ///
  /// @param hasWaited whether that was not so at first
  private record Level(SpaceStatus status, boolean hasWaited) {}

  /// Waits until no member in reach has more than is here, and one is, unless this one is alone; or
  /// until those that say they have more have given nothing for a while.
  private Level level() throws InterruptedException {
    boolean hasWaited = false;
    long since = System.nanoTime();
    Optional<Token> before = Optional.empty();
    while (true) {
      var status = awaitNews();
      if (status.isEmpty()) {
        continue;
      }
      if (isLevel(status.get())
          && (isHeard(status.get()) || setup.company().get() != Company.AMONG_HOSTS)) {
        return new Level(status.get(), hasWaited);
      }
      hasWaited = true;
      var token = Optional.of(status.get().token());
      boolean isMoving = !token.equals(before) || status.get().catchingUp().isPresent();
      if (isMoving || !isHeard(status.get())) {
        before = token;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > setup.patience().toNanos()) {
        return new Level(status.get(), false);
      }
    }
  }

  private static boolean isHeard(SpaceStatus status) {
    return status.peers().stream().anyMatch(it -> it.isUp() && it.applied().isPresent());
  }

  private static boolean isLevel(SpaceStatus status) {
    return status.catchingUp().isEmpty()
        && status.peers().stream()
            .filter(it -> it.isUp() && it.applied().isPresent())
            .allMatch(it -> it.ahead() == 0);
  }

  private boolean isLevelWithAll(SpaceStatus status) {
    return level(status).containsAll(setup.others().get());
  }

  /// The members in reach that have no more of a space than is here.
  static SortedSet<KeyFingerprint> level(SpaceStatus status) {
    return status.peers().stream()
        .filter(it -> it.isUp() && it.applied().isPresent() && it.ahead() == 0)
        .map(SpaceStatus.PeerStatus::key)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// Gives the loop what the logs of the damaged stores have of what is missing.
  ///
  /// @return the first of each replica: it is applied once its causes are
  private SortedMap<ReplicaId, Batch> feed(SortedMap<ReplicaId, Missing> missing)
      throws InterruptedException {
    var first = new TreeMap<ReplicaId, Batch>();
    if (missing.isEmpty()) {
      return first;
    }
    synchronized (rebuilding) {
      var remains = rebuilding.remains();
      try {
        for (var store : remains) {
          feed(store, missing, first);
        }
      } finally {
        remains.forEach(Remains::close);
      }
    }
    return first;
  }

  private void feed(
      Remains store, SortedMap<ReplicaId, Missing> missing, SortedMap<ReplicaId, Batch> first)
      throws InterruptedException {
    try {
      var state = store.space(setup.space());
      if (state.isPresent()) {
        feed(new LogRemains(state.get()), missing, first);
      }
    } catch (StorageFailure | AssertionError broken) {
      LOG.warn("space {}: {}", setup.name(), broken.getMessage());
    }
  }

  private void feed(
      LogRemains log, SortedMap<ReplicaId, Missing> missing, SortedMap<ReplicaId, Batch> first)
      throws InterruptedException {
    var chunk = new ArrayList<SignedBatch>();
    for (var entry : missing.entrySet()) {
      var range = entry.getValue();
      long from = Math.max(range.have() + 1, log.begins(entry.getKey()));
      var next = batch(log, entry.getKey(), from);
      next.ifPresent(it -> first.putIfAbsent(entry.getKey(), it.batch()));
      for (long seq = from; next.isPresent() && seq <= range.had(); ) {
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

  private static String waitedFor(SortedMap<ReplicaId, Missing> missing) {
    return missing.isEmpty()
        ? "what it had applied cannot be read, and not all members are in reach; the space serves"
            + " what those have that are"
        : named(missing)
            + " wait for members that are not in reach; the space serves without them until then";
  }

  private static String notHandedOver(SortedMap<ReplicaId, Missing> missing) {
    return (missing.isEmpty() ? "what it had applied" : named(missing))
        + " cannot be read or applied while this node hosts the space no longer; name it among the"
        + " hosts again, and take it off when its store is made anew";
  }

  private static String named(SortedMap<ReplicaId, Missing> missing) {
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
    return named + (more > 0 ? " and of " + more + " more replicas" : "");
  }
}
