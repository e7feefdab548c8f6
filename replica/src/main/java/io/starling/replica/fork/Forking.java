package io.starling.replica.fork;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.message.Token;
import io.starling.replica.state.Branches;
import io.starling.replica.state.Branches.Branch;
import io.starling.replica.state.Origin;
import io.starling.replica.state.Origins;
import io.starling.replica.state.SpaceLog;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Which batch of a replica, or of its branches, is the next; and what a proof of a fork makes of
/// what is applied.
///
/// A proof whose two halves follow on one and the same batch shows where a replica ends. Of two
/// that follow on different ones the fork lies further back: then what leads there is asked for.
public final class Forking {

  /// Replicas of which earlier batches are asked for; of more, one is forgotten.
  private static final int SUSPECTS_MAX = 64;

  /// Pulls for what leads to one fork, until it is heard of again.
  private static final int TRIES_MAX = 64;

  /// Peers remembered that were told less than is here; of more, all are told so anew.
  private static final int REWOUND_MAX = 4_096;

  /// Batches remembered that were built on what is not here; of more, all are looked at again.
  private static final int STUCK_MAX = 4_096;

  /// Places remembered at which nothing can be split.
  private static final int HOPELESS_MAX = 4_096;

  private final SpaceState state;
  private final Branches branches;
  private final CausalBuffer buffer;
  private final Naming naming;
  private final SpaceLog log;
  private final TreeMap<ForkProof.Place, ForkProof> unplaced = new TreeMap<>();
  private final TreeSet<ReplicaId> contested = new TreeSet<>();
  private final TreeSet<ForkProof.Place> hopeless = new TreeSet<>();
  private final TreeSet<ChainHash> stuck = new TreeSet<>();
  private final TreeMap<ReplicaId, Suspicion> suspects = new TreeMap<>();
  private final TreeSet<ReplicaId> wanted = new TreeSet<>();
  // Who was told less than is here when last pulled from.
  private final TreeSet<KeyFingerprint> rewound = new TreeSet<>();

  /// A batch that is on no branch known here, and where the chain that it is on is known to differ
  /// from what is here, or not to.
  private static final class Suspicion {
    private long seq;
    private long hash;
    private long differing = Long.MAX_VALUE;
    private final TreeMap<KeyFingerprint, Long> same = new TreeMap<>();
    private long step = 1;
    private int tries;
  }

  /// @param proofs that are kept
  public Forking(SpaceState state, CausalBuffer buffer, Naming naming, List<ForkProof> proofs) {
    this.state = state;
    this.branches = state.branches();
    this.buffer = buffer;
    this.naming = naming;
    this.log = new SpaceLog(state.staging());
    proofs.stream().filter(ForkProof::isPoint).forEach(proof -> unplaced.put(proof.place(), proof));
  }

  private Origins origins() {
    return state.origins();
  }

  /// What comes next of a replica.
  public sealed interface Step {

    /// A batch whose turn it is.
    ///
    /// @param replica the replica or branch whose it is
    /// @param begins the branch that it begins, if it begins one
    record Apply(SignedBatch batch, ReplicaId replica, Optional<Branch> begins) implements Step {}

    /// Two batches that should be one.
    record Prove(ForkProof proof) implements Step {}
  }

  /// The next step of a replica and its branches.
  ///
  /// @param root the name that its author goes by
  public List<Step> next(ReplicaId root) {
    if (contested.contains(root)) {
      var point = point(root);
      if (point.isPresent()) {
        return List.of(new Step.Prove(point.get()));
      }
      contested.remove(root);
    }
    var steps = new ArrayList<Step>();
    for (var one : branches.tree(root)) {
      steps.addAll(following(root, one));
    }
    return steps;
  }

  private List<Step> following(ReplicaId root, ReplicaId one) {
    var origin = origins().find(one);
    boolean isUnbegun = origin.isEmpty() && branches.find(one).isPresent();
    if (isUnbegun) {
      return List.of();
    }
    long seq = origin.map(Origin::seq).orElse(0L);
    var hash = origin.map(Origin::hash).orElse(ChainHash.ROOT);
    var fitting =
        buffer.at(root, seq + 1).stream()
            .filter(it -> it.batch().previous().equals(hash) && !stuck.contains(it.hash()))
            .toList();
    boolean isEnd = branches.end(one).isPresent() && branches.end(one).getAsLong() == seq;
    if (isEnd) {
      return fitting.stream()
          .map(it -> beginning(it, one))
          .filter(it -> origins().find(it.replica()).isEmpty())
          .<Step>map(it -> it)
          .toList();
    }
    if (fitting.size() > 1) {
      var proof = ForkProof.of(fitting.getFirst(), fitting.getLast()).orElseThrow();
      if (isNews(proof)) {
        return List.of(new Step.Prove(proof));
      }
    }
    return fitting.stream()
        .limit(1)
        .<Step>map(it -> new Step.Apply(it, one, Optional.empty()))
        .toList();
  }

  private static Step.Apply beginning(SignedBatch first, ReplicaId parent) {
    var branch = Branch.beginningWith(first, parent);
    return new Step.Apply(first, branch.name(), Optional.of(branch));
  }

  /// Where a batch that waits goes on otherwise than what is applied.
  private Optional<ForkProof> point(ReplicaId root) {
    for (var waiting : buffer.of(root)) {
      for (var one : branches.tree(root)) {
        var proof = point(waiting, one);
        if (proof.filter(this::isNews).isPresent()) {
          return proof;
        }
      }
    }
    return Optional.empty();
  }

  /// One that could not be placed yet, or never can, tells nothing more.
  private boolean isNews(ForkProof proof) {
    return !hopeless.contains(proof.place()) && !unplaced.containsKey(proof.place());
  }

  private Optional<ForkProof> point(SignedBatch waiting, ReplicaId one) {
    long seq = waiting.batch().seq();
    var origin = origins().find(one);
    // Another one that goes on where a branch begins is a branch as well.
    boolean isWithin =
        origin.isPresent()
            && seq <= origin.get().seq()
            && seq >= branches.first(one) + (branches.find(one).isPresent() ? 1 : 0);
    if (!isWithin) {
      return Optional.empty();
    }
    var before = seq == 1 ? Optional.of(ChainHash.ROOT) : origins().hash(one, seq - 1);
    boolean isPoint =
        before.equals(Optional.of(waiting.batch().previous()))
            && !origins().hash(one, seq).equals(Optional.of(waiting.hash()));
    return isPoint
        ? log.batch(origin.get().number(), seq).flatMap(other -> ForkProof.of(waiting, other))
        : Optional.empty();
  }

  /// What is applied of the batch's author under its number.
  private List<Optional<ChainHash>> applied(SignedBatch signed) {
    var batch = signed.batch();
    return branches.having(batch.replica(), batch.seq(), origins()).stream()
        .filter(it -> batch.seq() <= origins().seq(it))
        .map(it -> origins().hash(it, batch.seq()))
        .toList();
  }

  /// Whether a batch is applied. Where its hash is not known any more, its number decides, unless
  /// it is known that the batch before it is of another branch, or not applied.
  public boolean isApplied(SignedBatch signed) {
    var batch = signed.batch();
    for (var one : branches.having(batch.replica(), batch.seq(), origins())) {
      if (batch.seq() > origins().seq(one)) {
        continue;
      }
      var hash = origins().hash(one, batch.seq());
      boolean isIt = hash.isPresent() ? hash.get().equals(signed.hash()) : mayBeOf(one, batch);
      if (isIt) {
        return true;
      }
    }
    return false;
  }

  /// Whether a batch may be the one with its number of a replica or branch, of which the hash is
  /// not known any more.
  private boolean mayBeOf(ReplicaId one, Batch batch) {
    long before = batch.seq() - 1;
    var known = origins().hash(one, before);
    if (known.isPresent()) {
      return known.get().equals(batch.previous());
    }
    var previous = Optional.of(batch.previous());
    boolean isOfOther =
        branches.tree(batch.replica()).stream()
            .anyMatch(it -> origins().hash(it, before).equals(previous));
    boolean isWaitedFor =
        buffer.at(batch.replica(), before).stream()
            .anyMatch(it -> it.hash().equals(batch.previous()));
    return !isOfOther && !isWaitedFor;
  }

  /// A peer has brought a batch that is applied here: its chain is the same up to there.
  public void agrees(KeyFingerprint peer, SignedBatch signed) {
    var suspicion = suspects.get(signed.batch().replica());
    if (suspicion != null && signed.batch().seq() < suspicion.differing) {
      suspicion.same.merge(peer, signed.batch().seq(), Math::max);
    }
  }

  /// What a batch that is not applied is to what is.
  public enum Relation {
    /// Nothing is known of its number.
    NEW,

    /// Another one of its number is applied.
    OTHER,

    /// It follows on another one than is applied.
    FOREIGN
  }

  /// A batch that is not applied is to be buffered. If it contradicts what is applied, it is found
  /// out where.
  public Relation arrives(SignedBatch signed) {
    var batch = signed.batch();
    boolean isOther = !applied(signed).isEmpty();
    if (isOther) {
      contested.add(batch.replica());
    }
    if (batch.seq() > 1) {
      var before =
          branches.having(batch.replica(), batch.seq() - 1, origins()).stream()
              .filter(it -> batch.seq() - 1 <= origins().seq(it))
              .map(it -> origins().hash(it, batch.seq() - 1))
              .toList();
      boolean isForeign =
          !before.isEmpty()
              && before.stream().noneMatch(it -> it.map(batch.previous()::equals).orElse(true));
      if (isForeign) {
        suspect(batch.replica(), batch.seq() - 1, batch.previous().first());
        return isOther ? Relation.OTHER : Relation.FOREIGN;
      }
    }
    return isOther ? Relation.OTHER : Relation.NEW;
  }

  /// Somebody has a batch that is on no branch known here.
  ///
  /// @param hash the first 8 bytes of its hash
  public void suspect(ReplicaId root, long seq, long hash) {
    contested.add(root);
    var suspicion = suspects.computeIfAbsent(root, _ -> new Suspicion());
    long here = branches.tree(root).stream().mapToLong(origins()::seq).max().orElse(0);
    suspicion.seq = seq;
    suspicion.hash = hash;
    suspicion.differing = Math.min(suspicion.differing, Math.min(seq, here));
    if (suspects.size() > SUSPECTS_MAX) {
      suspects.pollFirstEntry();
    }
  }

  /// Whether what was on no branch is on one now.
  private boolean isFound(ReplicaId root, Suspicion suspicion) {
    return branches.tree(root).stream()
        .flatMap(it -> origins().hash(it, suspicion.seq).stream())
        .anyMatch(it -> it.first() == suspicion.hash);
  }

  /// What to tell a peer that is pulled from: less than is here of replicas whose chains differ,
  /// and less each time, until it sends what shows where they do. Every second time just what is
  /// here: that they differ may be no more than somebody's word, and answers that are full of what
  /// is here would keep from this node what it lacks.
  public Token rewound(KeyFingerprint peer, Token have) {
    suspects.entrySet().removeIf(it -> isFound(it.getKey(), it.getValue()));
    if (suspects.isEmpty() || rewound.remove(peer)) {
      return have;
    }
    if (rewound.size() >= REWOUND_MAX) {
      rewound.clear();
    }
    rewound.add(peer);
    var heads = new TreeMap<ReplicaId, Token.Prefix>();
    have.heads().forEach(head -> heads.put(head.replica(), head));
    suspects.forEach((root, suspicion) -> {
      long same = suspicion.same.getOrDefault(peer, 0L);
      long low = Math.max(same, suspicion.differing - suspicion.step);
      suspicion.step = Math.min(suspicion.step * 2, 1L << 40);
      suspicion.tries++;
      var at = low == 0 ? Optional.<ReplicaId>empty() : knowing(root, low);
      if (low == 0 || at.isPresent()) {
        branches.tree(root).forEach(heads::remove);
        at.ifPresent(it ->
            branches
                .upTo(it, low)
                .entries()
                .forEach(entry ->
                    heads.put(
                        entry.replica(),
                        new Token.Prefix(
                            entry.replica(),
                            entry.seq(),
                            origins()
                                .hash(entry.replica(), entry.seq())
                                .map(ChainHash::first)
                                .orElse(0L)))));
      }
    });
    suspects.values().removeIf(it -> it.tries > TRIES_MAX);
    return new Token(have.space(), heads.values().stream().limit(Token.HEADS_MAX).toList());
  }

  private Optional<ReplicaId> knowing(ReplicaId root, long seq) {
    return branches.tree(root).stream()
        .filter(it -> branches.first(it) <= seq && seq <= origins().seq(it))
        .filter(it -> origins().hash(it, seq).isPresent())
        .findFirst();
  }

  /// What it was built on is not what is applied here. It waits until more is known of branches.
  public void isStuck(SignedBatch signed) {
    if (stuck.size() >= STUCK_MAX) {
      stuck.clear();
    }
    stuck.add(signed.hash());
    signed.batch().context().space().entries().stream()
        .filter(it -> it.seq() > branches.end(it.replica()).orElse(Long.MAX_VALUE))
        .forEach(it -> wanted.add(it.replica()));
  }

  /// The batches that wait since they were built on what is not applied here.
  List<SignedBatch> stuck() {
    return stuck.isEmpty()
        ? List.of()
        : buffer.replicas().stream()
            .flatMap(root -> buffer.of(root).stream())
            .filter(signed -> stuck.contains(signed.hash()))
            .toList();
  }

  /// More is known of branches, or applied of them.
  public void hasNews() {
    stuck.clear();
    wanted.clear();
  }

  /// How many replicas there are that were forked, or may have been, and of which a branch is
  /// missing here that somebody has built upon.
  public int missing() {
    suspects.entrySet().removeIf(it -> isFound(it.getKey(), it.getValue()));
    return suspects.size() + wanted.size();
  }

  /// A proof is new.
  ///
  /// @param isKept whether it is kept; from one beyond the limits nothing follows
  public void learn(ForkProof proof, boolean isKept) {
    if (proof.isPoint() && isKept) {
      unplaced.put(proof.place(), proof);
    } else if (proof.isPoint()) {
      isHopeless(proof.place());
    } else {
      for (var half : List.of(proof.one(), proof.other())) {
        if (!isApplied(half)) {
          suspect(proof.place().replica(), half.batch().seq(), half.hash().first());
        }
      }
    }
  }

  private void isHopeless(ForkProof.Place place) {
    hopeless.add(place);
    if (hopeless.size() > HOPELESS_MAX) {
      hopeless.pollFirst();
    }
  }

  /// Whether something is applied here as one chain that is known to be two.
  public boolean owesSplit() {
    return Stream.concat(unplaced.keySet().stream(), hopeless.stream())
        .anyMatch(place ->
            branches.tree(place.replica()).stream().anyMatch(it -> isWithin(place.seq(), it)));
  }

  /// Whether a replica has applied a number that is not the first of a branch.
  private boolean isWithin(long seq, ReplicaId one) {
    boolean isAfterFirst = branches.find(one).isEmpty() || branches.first(one) < seq;
    return isAfterFirst && branches.first(one) <= seq && seq <= origins().seq(one);
  }

  /// Has all proofs tell where replicas end, of which what leads there is applied.
  ///
  /// @param mayMove whether what is applied may be given other names now
  /// @return the roots of replicas that end now where they did not
  public List<Branch> place(boolean mayMove) {
    var moved = new ArrayList<Branch>();
    var placed = new ArrayList<ForkProof>();
    for (var proof : List.copyOf(unplaced.values())) {
      var at = at(proof);
      if (at.isPresent() && place(proof, at.get(), mayMove, moved)) {
        placed.add(proof);
      }
    }
    placed.forEach(proof -> unplaced.remove(proof.place()));
    if (!placed.isEmpty()) {
      hasNews();
    }
    return moved;
  }

  /// The replica or branch that ends where a proof is.
  private Optional<ReplicaId> at(ForkProof proof) {
    var root = proof.place().replica();
    long last = proof.place().seq() - 1;
    if (last == 0) {
      return Optional.of(root);
    }
    var previous = Optional.of(proof.one().batch().previous());
    var having =
        branches.tree(root).stream()
            .filter(it -> branches.first(it) <= last && last <= origins().seq(it))
            .toList();
    // Where a hash is not known any more the number decides, but not before one that is known.
    return having.stream()
        .filter(it -> origins().hash(it, last).equals(previous))
        .findFirst()
        .or(() -> having.stream().filter(it -> origins().hash(it, last).isEmpty()).findFirst());
  }

  private boolean place(ForkProof proof, ReplicaId parent, boolean mayMove, List<Branch> moved) {
    long first = proof.place().seq();
    boolean isEnd =
        branches.end(parent).isPresent() && branches.end(parent).getAsLong() == first - 1;
    if (!isEnd && origins().seq(parent) >= first) {
      if (!mayMove) {
        return false;
      }
      var mine = origins().hash(parent, first);
      if (mine.isEmpty()) {
        isHopeless(proof.place());
        return true;
      }
      var name = Branches.name(parent.key(), mine.get());
      var rest = new Branch(name, parent, first, mine.get());
      if (!new Splitting(state, naming).split(rest)) {
        isHopeless(proof.place());
        return true;
      }
      moved.add(rest);
    }
    origins().know(Branch.beginningWith(proof.one(), parent));
    origins().know(Branch.beginningWith(proof.other(), parent));
    return true;
  }
}
