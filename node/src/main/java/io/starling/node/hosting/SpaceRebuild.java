package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.loop.LoopObserver;
import io.starling.node.storage.Remains;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.hosting.Company;
import io.starling.replica.hosting.Had;
import io.starling.replica.hosting.MakingAnew;
import io.starling.replica.hosting.MakingAnew.Around;
import io.starling.replica.hosting.MakingAnew.Trouble;
import io.starling.replica.hosting.Salvage;
import io.starling.replica.hosting.Salvage.Salvaged;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.LogRemains;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
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
/// How long what is waited for, and what is given up, is [MakingAnew]'s to say.
final class SpaceRebuild implements LoopObserver {

  /// How long to wait for own batches that cannot be read, once there is nothing more to be had
  /// from the members in reach; and for a member that says it has more and does not give it.
  static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(SpaceRebuild.class);
  private static final long NEWS_MILLIS = 500;
  private static final Duration TURN = Duration.ofSeconds(2);
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final int NAMED_MAX = 3;
  private static final String UNKNOWN =
      "it cannot be read any more what it had applied; what no other member has is lost";

  private static final String EMPTY =
      "; nothing of the space is here yet, and clients are told to ask another node";

  private final Setup setup;
  private final DamagedStores damaged;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Thread thread;
  // What an operator was told.
  private final Set<Trouble> told = EnumSet.noneOf(Trouble.class);
  // How many of the damaged stores could be read, and how often in a row fewer could since.
  private int readable;
  private int shortReads;
  private Optional<SpaceStatus> latest = Optional.empty();
  private volatile Predicate<List<SignedBatch>> taker = _ -> false;
  private volatile boolean isOver;
  private volatile boolean isServing;

  /// What it works with.
  ///
  /// @param self this node
  /// @param genuine whether a batch was signed by whom it names
  /// @param around who else hosts the space, as `_system` says
  /// @param isLostOfSystem whether a batch of `_system` is neither here, where that is made anew,
  ///   nor with any other member, all of which are in reach
  /// @param patience how long to wait for what nobody in reach has
  /// @param over is told, when it is over or goes on beside clients, and when it cannot go on by
  ///   itself, what of the damaged store is not there
  record Setup(
      String name,
      SpaceId space,
      KeyFingerprint self,
      StatePort live,
      Predicate<SignedBatch> genuine,
      Supplier<Around> around,
      Predicate<VersionVector.Entry> isLostOfSystem,
      Duration patience,
      Consumer<Optional<String>> over) {}

  SpaceRebuild(Setup setup, DamagedStores damaged) {
    this.setup = setup;
    this.damaged = damaged;
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
                + damaged.reason()
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

  private void run() {
    try {
      while (!isOver) {
        try {
          var lost = rebuilt();
          damaged.done(setup.space());
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
    var anew =
        new MakingAnew(
            setup.self(),
            setup.patience(),
            had.isKnown(),
            setup.isLostOfSystem(),
            System.nanoTime());
    var fed = Salvaged.NOTHING;
    while (true) {
      var status = awaitNews();
      if (status.isEmpty() || !anew.isDue(status.get(), setup.around().get(), System.nanoTime())) {
        continue;
      }
      var missing = had.missing(setup.live());
      if (anew.mayFeed(missing, System.nanoTime())) {
        fed = feed(missing);
        anew.fed(fed, System.nanoTime());
      }
      var around = setup.around().get();
      var verdict = anew.verdict(around, System.nanoTime());
      switch (verdict.end()) {
        case WHOLE -> {
          return had.isKnown() ? Optional.empty() : Optional.of(UNKNOWN);
        }
        case GIVEN_UP -> {
          boolean isAlone = around.company() == Company.ALONE;
          return Optional.of(named(missing) + givenUp(isAlone, !fed.next().isEmpty()));
        }
        case NOT_YET -> goOn(verdict, around.company(), it -> tell(it, missing, status.get()));
      }
    }
  }

  /// Lets clients in if that may be, and tells an operator what is news to him.
  private void goOn(
      MakingAnew.Verdict verdict, Company company, Function<Trouble, String> message) {
    if (company != Company.NO_HOST) {
      told.remove(Trouble.NO_HOST);
    }
    if (verdict.serves() && !isServing) {
      isServing = true;
      told.clear();
    }
    verdict
        .trouble()
        .filter(told::add)
        .map(message)
        .ifPresent(what -> setup.over().accept(Optional.of(what)));
  }

  /// Reads what the damaged stores had.
  private Had had() throws InterruptedException {
    return damaged.readAll(remains -> {
      var had = new Had();
      if (remains.size() < damaged.count()) {
        had.unreadable();
      }
      readable = (int) remains.stream().filter(store -> isNoted(store, had)).count();
      return had;
    });
  }

  /// Notes what one damaged store had applied.
  ///
  /// @return whether it could be read
  private boolean isNoted(Remains store, Had had) {
    try {
      if (!damaged.isTableThere(store)) {
        had.unreadable();
      }
      store.space(setup.space()).ifPresent(had::note);
      return true;
    } catch (StorageFailure | AssertionError broken) {
      had.unreadable();
      LOG.warn("space {}: {}", setup.name(), broken.getMessage());
      return false;
    }
  }

  /// Gives the loop what the logs of the damaged stores have of what is missing. One that could be
  /// read and cannot now may have more: it counts as lost only after a few times.
  private Salvaged feed(SortedMap<ReplicaId, Had.Missing> missing) throws InterruptedException {
    return damaged.read(remains -> {
      var fed = Salvaged.NOTHING;
      int read = 0;
      for (var store : remains) {
        if (fed.isTaken()) {
          var more = feed(store, missing);
          fed = fed.and(more.orElse(Salvaged.NOTHING));
          read += more.isPresent() ? 1 : 0;
        }
      }
      boolean isShort = fed.isTaken() && read < readable;
      shortReads = isShort ? shortReads + 1 : 0;
      boolean isLost = shortReads >= DamagedStores.LOOKS_MAX;
      return new Salvaged(fed.found(), fed.next(), fed.isTaken() && (!isShort || isLost));
    });
  }

  /// @return empty if the store cannot be read
  private Optional<Salvaged> feed(Remains store, SortedMap<ReplicaId, Had.Missing> missing)
      throws InterruptedException {
    try {
      var state = store.space(setup.space());
      return Optional.of(
          state.isPresent() ? feed(new LogRemains(state.get()), missing) : Salvaged.NOTHING);
    } catch (StorageFailure | AssertionError broken) {
      LOG.warn("space {}: {}", setup.name(), broken.getMessage());
      return Optional.empty();
    }
  }

  private Salvaged feed(LogRemains log, SortedMap<ReplicaId, Had.Missing> missing)
      throws InterruptedException {
    return new Salvage<>(log, setup.genuine(), this::isTaken).run(missing);
  }

  /// Waits a while for the loop to take it: other spaces wait for their turn meanwhile.
  ///
  /// @return whether it did
  private boolean isTaken(List<SignedBatch> chunk) throws InterruptedException {
    long since = System.nanoTime();
    boolean isTaken = taker.test(chunk);
    while (!isTaken && System.nanoTime() - since < TURN.toNanos()) {
      awaitNews();
      isTaken = taker.test(chunk);
    }
    return isTaken;
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

  private static String givenUp(boolean isAlone, boolean isAnyReadable) {
    if (isAlone) {
      return " cannot be read or applied, and no other member hosts the space";
    }
    return isAnyReadable
        ? " cannot be read, or follow on what cannot be, and no other member has that"
        : " cannot be read, and no member in reach has them";
  }

  private String tell(
      Trouble trouble, SortedMap<ReplicaId, Had.Missing> missing, SpaceStatus status) {
    return switch (trouble) {
      case BEHIND -> behind(status) + (isServing ? "; the space serves what is here" : EMPTY);
      case AWAITED -> awaited(missing) + (isServing ? "" : EMPTY);
      case NO_HOST ->
          (missing.isEmpty() ? "what it had applied" : named(missing))
              + " cannot be read or applied while this node hosts the space no longer; name it"
              + " among the hosts again, and take it off when its store is made anew";
    };
  }

  private String awaited(SortedMap<ReplicaId, Had.Missing> missing) {
    var what =
        missing.isEmpty()
            ? "what it had applied cannot be read, and not all members are in reach"
            : named(missing) + " wait for members that are not in reach";
    var served =
        missing.isEmpty()
            ? "; the space serves what those have that are"
            : "; the space serves without them until then";
    return what + (isServing ? served : "");
  }

  private static String behind(SpaceStatus status) {
    var ahead =
        status.peers().stream()
            .filter(it -> it.isUp() && it.ahead() > 0)
            .limit(NAMED_MAX)
            .map(it -> "; " + it.key() + " has " + it.ahead() + " batches more, as it says")
            .collect(Collectors.joining());
    return "this node is still not level with the members in reach" + ahead;
  }

  private static String named(SortedMap<ReplicaId, Had.Missing> missing) {
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
