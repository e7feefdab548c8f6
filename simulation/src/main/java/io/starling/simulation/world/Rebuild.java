package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.Event;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.LogRemains;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import io.starling.simulation.disk.DamagedState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// The making anew of one space whose store was found damaged and set aside, step by step as a node
/// of the product goes about it (ADR 19): the others give what they have; what is missing then is
/// read from the logs of the damaged stores, as far as they are whole; own batches that cannot be
/// read, and that nobody in reach has, are given up after a while. Who hosts a space alone waits
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
    boolean isSure = !isAlone() || space.node().isSystemRebuilt();
    if (missing.isEmpty() && (had.isKnown() || (isSure && isLevelWithAll(status)))) {
      world.counts().add(isAlone() ? "rebuilds of who hosts a space alone" : "rebuilds");
      isOver = true;
      return;
    }
    if (!missing.equals(before) || isLevelAfterWait.get()) {
      before = missing;
      sinceNanos = now;
    }
    boolean mayFeed = fedNanos.isEmpty() || now - fedNanos.get() > FEED_AGAIN.toNanos();
    boolean isLate = now - sinceNanos > PATIENCE.toNanos();
    if (mayFeed || isLate) {
      fedNanos = Optional.of(now);
      boolean isWaitedFor = feed(missing);
      boolean isOwn = missing.keySet().stream().allMatch(it -> it.key().equals(space.node().key()));
      boolean isNowhere = (isAlone() && space.node().isSystemRebuilt()) || (isOwn && !isWaitedFor);
      if (isLate && isNowhere && !missing.isEmpty()) {
        world.counts().add("rebuilds that gave something up");
        if (isAlone()) {
          world.counts().add("rebuilds of who hosts a space alone that gave something up");
        }
        isOver = true;
      } else if (isLate && !isServing && (isAlone() || !status.token().heads().isEmpty())) {
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
    if (isLevel(status) && (isAlone() || !heard(status).isEmpty())) {
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

  private boolean isLevelWithAll(SpaceStatus status) {
    var others = others();
    heard(status).stream().filter(it -> it.ahead() == 0).forEach(it -> others.remove(it.key()));
    return others.isEmpty();
  }

  /// Whether no other member hosts the space, as `_system` says once clients may read that; lapsed
  /// ones come back.
  private boolean isAlone() {
    var node = space.node();
    return space != node.system()
        && !node.system().isRebuilding()
        && node.heard().members().stream()
            .filter(key -> !node.revocations().isRevoked(key))
            .allMatch(key -> key.equals(node.key()) || !space.isHostedBy(key));
  }

  private SortedSet<KeyFingerprint> others() {
    var others = space.members();
    others.remove(space.node().key());
    return others;
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
  /// @return whether there was anything
  private boolean feed(SortedMap<ReplicaId, Missing> missing) {
    boolean isAny = false;
    for (var store : remains) {
      try {
        isAny |= feed(new LogRemains(store), missing);
      } catch (StorageFailure | AssertionError broken) {
        world.counts().add("logs that cannot be read");
      }
    }
    return isAny;
  }

  private boolean feed(LogRemains log, SortedMap<ReplicaId, Missing> missing) {
    boolean isAny = false;
    var chunk = new ArrayList<SignedBatch>();
    for (var entry : missing.entrySet()) {
      long seq = entry.getValue().have() + 1;
      var next = batch(log, entry.getKey(), seq);
      while (next.isPresent() && seq <= entry.getValue().had()) {
        isAny = true;
        chunk.add(next.get());
        seq++;
        if (chunk.size() >= CHUNK_BATCHES) {
          give(chunk);
        }
        next = batch(log, entry.getKey(), seq);
      }
    }
    give(chunk);
    return isAny;
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
