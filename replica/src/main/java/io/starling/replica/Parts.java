package io.starling.replica;

import io.starling.crdt.causal.HybridClock;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.apply.Applier;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.catchup.CatchUp;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.exchange.Acknowledger;
import io.starling.replica.exchange.Announcer;
import io.starling.replica.exchange.AntiEntropy;
import io.starling.replica.exchange.Peers;
import io.starling.replica.exchange.Stability;
import io.starling.replica.fork.Challenges;
import io.starling.replica.fork.Forking;
import io.starling.replica.fork.Forks;
import io.starling.replica.fork.Naming;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.Pace;
import io.starling.replica.membership.Standing;
import io.starling.replica.message.Secret;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.state.SpaceState;
import io.starling.replica.truncation.Truncation;
import io.starling.replica.write.Author;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a replica consists of: the parts that own its state, and what it remembers from one event
/// to the next. Made anew with each opening.
final class Parts {

  /// Invalid batches remembered by hash, one for each replica; what is forgotten is judged again.
  static final int INVALID_MAX = 4_096;

  final Replica.Setup setup;
  final SpaceState state;
  final Incarnations incarnations;
  final Author author;
  final Applier applier;
  final CausalBuffer buffer;
  final Standing standing;
  final Peers peers;
  final AntiEntropy antiEntropy;
  final Announcer announcer;
  final Acknowledger acknowledger;
  final CatchUp catchUp;
  final Stability stability;
  final Truncation truncation;
  final Forks forks;
  final Forking forking;
  final Challenges challenges;
  final Pace tailAlarms = new Pace();
  final Pace endAlarms = new Pace();
  final TreeMap<ReplicaId, ChainHash> invalid = new TreeMap<>();
  final TreeMap<KeyFingerprint, Integer> begunThisRound = new TreeMap<>();
  final TreeSet<String> alarmedThisRound = new TreeSet<>();
  final TreeSet<KeyFingerprint> toldHeld = new TreeSet<>();
  boolean hasToldForks;
  HybridClock clock;
  long ticks;

  Parts(Replica.Setup setup, long nowMillis) {
    this.setup = setup;
    var limits = setup.limits();
    state = new SpaceState(setup.space(), setup.state());
    incarnations = new Incarnations(setup.key(), setup.entropy());
    var naming = new Naming(state, setup.system());
    applier = new Applier(state, setup.system(), naming);
    buffer = new CausalBuffer(limits.bufferedBatches(), Limits.BUFFERED_BYTES_MAX);
    standing = new Standing(setup.space(), setup.key(), state, buffer, setup.membership());
    peers = new Peers(setup.key(), state, standing);
    author =
        new Author(
            setup.cluster(),
            setup.space(),
            limits,
            setup.signer(),
            setup.system(),
            state,
            () -> setup.membership().batchFormat(peers.reachable()));
    antiEntropy =
        new AntiEntropy(
            state, naming, peers, incarnations.random(), roundTicks(limits), limits.pullBytes());
    announcer = new Announcer(setup.cluster(), setup.space(), setup.signer(), state);
    acknowledger = new Acknowledger(setup.cluster(), setup.space(), setup.signer(), state);
    stability = new Stability(setup.key(), setup.membership()::members, state, peers, nowMillis);
    var surroundings =
        new CatchUp.Surroundings(
            setup.space(),
            setup.key(),
            limits,
            setup.snapshots(),
            setup.system(),
            stability::vector,
            () -> setup.membership().members().size(),
            setup.proof(),
            session -> Secret.of(setup.entropy(), session),
            () -> setup.membership().peerForm(peers.reachable()) >= TransferEncoding.BRANCHES_FORM);
    catchUp = new CatchUp(surroundings, state, buffer, incarnations.random());
    truncation =
        new Truncation(setup.key(), state, stability, limits.retention(), Limits.LOG_HASHES_MAX);
    forks = new Forks(state);
    forking = new Forking(state, buffer, naming, forks.all());
    challenges = new Challenges(setup.space(), forking, incarnations.random());
    peers.missing(forking::missing);
    clock =
        new HybridClock(HybridTime.ZERO, limits.drift())
            .observe(state.origins().latestTime(), nowMillis);
  }

  static long roundTicks(Limits limits) {
    return Math.max(1, limits.round().toMillis() / limits.tick().toMillis());
  }
}
