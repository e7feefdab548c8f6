package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.Event;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.LogRemains;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.state.Stranded;
import io.starling.replica.status.SpaceStatus;
import io.starling.simulation.disk.DamagedState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The making anew of one space whose store was found damaged and set aside, step by step as a node
/// of the product goes about it (ADR 19): the others give what they have; what is missing then is
/// read from the logs of the damaged stores, as far as they are whole; own batches that cannot be
/// read, and that nobody in reach has, are given up after a while; what follows on them, and what
/// others wrote and cannot be read, once all members are in reach. Who hosts a space alone waits
/// for nobody, and gives up all that cannot be had of the logs, once `_system` is made anew.
///
/// Until it is over, or goes on beside clients, these are told to ask another node.
final class Rebuild {

  /// A sixth of production's, which goes by real time.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration FEED_AGAIN = Duration.ofSeconds(10);
  private static final int CHUNK_BATCHES = 64;

  private final World world;
  private final SimulatedSpace space;
  // The latest first.
  private final List<DamagedState> remains;
  private final Had had;
  private SortedMap<ReplicaId, Missing> before = new TreeMap<>();
  private Optional<Token> tokenBefore = Optional.empty();
  private Optional<Long> fedNanos = Optional.empty();
  private long sinceNanos;
  private long levelSinceNanos;
  private boolean hasWaited;
  private boolean isServing;
  private boolean isOver;

  /// What the damaged stores had applied of a replica beyond what is here.
  private record Missing(long have, long had) {}

  /// What the damaged stores had applied.
  ///
  /// @param isKnown whether that could be read of all of them
  private record Had(SortedMap<ReplicaId, Long> seqs, boolean isKnown) {}

  Rebuild(World world, SimulatedSpace space, List<DamagedState> remains) {
    this.world = world;
    this.space = space;
    this.remains = List.copyOf(remains);
    this.had = had();
    sinceNanos = world.agenda().nowNanos();
    levelSinceNanos = sinceNanos;
  }

  /// Whether all is here that can be had.
  boolean isOver() {
    return isOver;
  }

  /// Whether clients are to ask another node.
  boolean objects() {
    return !isOver && !isServing;
  }

  /// Looks at what is here now. Called now and then while the replica is open.
  void step(SpaceStatus status) {
    long now = world.agenda().nowNanos();
    var isLevelAfterWait = level(status, now);
    if (isOver || isLevelAfterWait.isEmpty()) {
      return;
    }
    var missing = missing();
    if (!missing.equals(before) || isLevelAfterWait.get()) {
      before = missing;
      sinceNanos = now;
    }
    boolean isLate = now - sinceNanos > PATIENCE.toNanos();
    boolean isSure = !isAlone() || (isLate && space.node().isSystemRebuilt());
    if (missing.isEmpty() && (had.isKnown() || (isSure && isLevelWithAll(status)))) {
      var who = isAlone() ? " of who hosts a space alone" : "";
      world.counts().add("rebuilds" + (isHost() ? who : " of hosts taken off"));
      isOver = true;
      return;
    }
    boolean mayFeed = fedNanos.isEmpty() || now - fedNanos.get() > FEED_AGAIN.toNanos();
    if (mayFeed || isLate) {
      fedNanos = Optional.of(now);
      var first = feed(missing);
      boolean isNowhere =
          isHost()
              && ((isAlone() && space.node().isSystemRebuilt())
                  || isOfNoUse(missing, first, isLevelWithAll(status)));
      if (isLate && isNowhere && !missing.isEmpty()) {
        world.counts().add("rebuilds that gave something up");
        if (!first.isEmpty()) {
          world.counts().add("rebuilds that gave up what can be read");
        }
        if (isAlone()) {
          world.counts().add("rebuilds of who hosts a space alone that gave something up");
        }
        isOver = true;
      } else if (isLate
          && !isServing
          && (isAlone() || !isHost() || !status.token().heads().isEmpty())) {
        world.counts().add("rebuilds that went on beside clients");
        isServing = true;
      }
    }
  }

  /// Whether no member in reach has more than is here, or those that say so have given nothing for
  /// a while.
  ///
  /// @return empty if that is to be waited for; else whether it was
  private Optional<Boolean> level(SpaceStatus status, long now) {
    if (isLevel(status) && (isAlone() || !isHost() || !heard(status).isEmpty())) {
      boolean waited = hasWaited;
      hasWaited = false;
      tokenBefore = Optional.empty();
      levelSinceNanos = now;
      return Optional.of(waited);
    }
    hasWaited = true;
    var token = Optional.of(status.token());
    boolean isMoving = !token.equals(tokenBefore) || status.catchingUp().isPresent();
    if (isMoving || heard(status).isEmpty()) {
      tokenBefore = token;
      levelSinceNanos = now;
    } else if (now - levelSinceNanos > PATIENCE.toNanos()) {
      hasWaited = false;
      levelSinceNanos = now;
      return Optional.of(false);
    }
    return Optional.empty();
  }

  private static boolean isLevel(SpaceStatus status) {
    return status.catchingUp().isEmpty() && heard(status).stream().allMatch(it -> it.ahead() == 0);
  }

  private static List<SpaceStatus.PeerStatus> heard(SpaceStatus status) {
    return status.peers().stream().filter(it -> it.isUp() && it.applied().isPresent()).toList();
  }

  /// Whether nothing is missing but own batches that cannot be read; or what no other member has
  /// and cannot be read either, or is of no use without that.
  private boolean isOfNoUse(
      SortedMap<ReplicaId, Missing> missing,
      SortedMap<ReplicaId, Batch> readable,
      boolean isLevelWithAll) {
    boolean isOwn = missing.keySet().stream().allMatch(it -> it.key().equals(space.node().key()));
    if ((isOwn && readable.isEmpty()) || !isLevelWithAll) {
      return isOwn && readable.isEmpty();
    }
    var first = new TreeMap<ReplicaId, Stranded.First>();
    missing.forEach((replica, it) -> {
      var batch = Optional.ofNullable(readable.get(replica));
      first.put(replica, new Stranded.First(it.have() + 1, batch));
    });
    return Stranded.areAll(space.node().key(), first, this::isLostOfSystem);
  }

  /// Whether a batch of `_system` is neither here, where that is made anew, nor with any member.
  private boolean isLostOfSystem(VersionVector.Entry named) {
    var node = space.node();
    var system = node.system();
    var here = new StoredSpace(system.disk().durable());
    return node.isSystemRebuilt()
        && named.replica().key().equals(node.key())
        && here.head(named.replica()).map(Origin::seq).orElse(0L) < named.seq()
        && isLevelWithAll(system.status(), system.members());
  }

  private boolean isLevelWithAll(SpaceStatus status) {
    return isLevelWithAll(status, space.members());
  }

  private boolean isLevelWithAll(SpaceStatus status, SortedSet<KeyFingerprint> members) {
    var others = new TreeSet<>(members);
    others.remove(space.node().key());
    heard(status).stream().filter(it -> it.ahead() == 0).forEach(it -> others.remove(it.key()));
    return others.isEmpty();
  }

  /// Whether others give it anything. Who is to host the space no longer reads its log, and gives
  /// nothing up: what it cannot apply it can once it is a host again.
  private boolean isHost() {
    return space.isHostedBy(space.node().key());
  }

  /// Whether no other member hosts the space, as `_system` says once clients may read that; lapsed
  /// ones come back.
  private boolean isAlone() {
    var node = space.node();
    return space != node.system()
        && !node.system().isRebuilding()
        && node.heard().members().stream()
            .allMatch(key -> key.equals(node.key()) || !space.isHostedBy(key));
  }

  private Had had() {
    var seqs = new TreeMap<ReplicaId, Long>();
    boolean isKnown = true;
    for (var store : remains) {
      isKnown &= note(store, seqs);
    }
    return new Had(seqs, isKnown);
  }

  /// Notes what one damaged store had applied.
  ///
  /// @return whether it could be read
  private static boolean note(DamagedState store, SortedMap<ReplicaId, Long> seqs) {
    try {
      var log = new LogRemains(store);
      log.last().forEach((replica, seq) -> seqs.merge(replica, seq, Math::max));
      var token = new StoredSpace(store).token();
      token.ifPresent(
          it -> it.heads().forEach(head -> seqs.merge(head.replica(), head.seq(), Math::max)));
      return token.isPresent() || log.last().isEmpty();
    } catch (StorageFailure | AssertionError broken) {
      return false;
    }
  }

  private SortedMap<ReplicaId, Missing> missing() {
    var here = new StoredSpace(space.disk().durable());
    var missing = new TreeMap<ReplicaId, Missing>();
    had.seqs()
        .forEach((replica, seq) -> {
          long have = here.head(replica).map(Origin::seq).orElse(0L);
          if (have < seq) {
            missing.put(replica, new Missing(have, seq));
          }
        });
    return missing;
  }

  /// Gives the loop what the logs of the damaged stores have of what is missing.
  ///
  /// @return the first of each replica
  private SortedMap<ReplicaId, Batch> feed(SortedMap<ReplicaId, Missing> missing) {
    var first = new TreeMap<ReplicaId, Batch>();
    for (var store : remains) {
      try {
        feed(new LogRemains(store), missing, first);
      } catch (StorageFailure | AssertionError broken) {
        world.counts().add("logs that cannot be read");
      }
    }
    return first;
  }

  private void feed(
      LogRemains log, SortedMap<ReplicaId, Missing> missing, SortedMap<ReplicaId, Batch> first) {
    var chunk = new ArrayList<SignedBatch>();
    for (var entry : missing.entrySet()) {
      long seq = entry.getValue().have() + 1;
      var next = batch(log, entry.getKey(), seq);
      next.ifPresent(it -> first.putIfAbsent(entry.getKey(), it.batch()));
      while (next.isPresent() && seq <= entry.getValue().had()) {
        chunk.add(next.get());
        seq++;
        if (chunk.size() >= CHUNK_BATCHES) {
          give(chunk);
        }
        next = batch(log, entry.getKey(), seq);
      }
    }
    give(chunk);
  }

  private void give(List<SignedBatch> chunk) {
    if (!chunk.isEmpty()) {
      world.counts().add("batches read from damaged stores", chunk.size());
      space.offer(new Event.Recovered(chunk));
      chunk.clear();
    }
  }

  private Optional<SignedBatch> batch(LogRemains log, ReplicaId replica, long seq) {
    return log.batch(replica, seq).filter(world::isGenuine);
  }
}
