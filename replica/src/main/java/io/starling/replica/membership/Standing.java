package io.starling.replica.membership;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.causal.Past;
import io.starling.replica.state.Origin;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.SpaceStatus;
import io.starling.replica.status.SpaceStatus.Beyond;
import io.starling.replica.status.SpaceStatus.Revoked;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Which batches of revoked members stand, and which of them this node must name so that they stand
/// everywhere.
///
/// A batch of a revoked member beyond its cut-off is held, in the causal buffer, until it lies in
/// the past of a batch of another member that stands itself: its author had applied it. And what is
/// applied here must stand: if no standing batch of another member that is applied here has it in
/// its past, this node writes one that does. So all nodes end with the same batches, and none
/// undoes anything, however late each hears of the revocation.
///
/// Costs nothing while nobody is revoked; else a walk over the buffer for each event that brings
/// batches while some are held. Not thread-safe.
public final class Standing {

  private final SpaceId space;
  private final KeyFingerprint self;
  private final SpaceState state;
  private final CausalBuffer buffer;
  private final MembershipPort membership;
  private final TreeMap<ReplicaId, Long> named = new TreeMap<>();
  private final TreeSet<ReplicaId> settled = new TreeSet<>();
  private final TreeSet<KeyFingerprint> adopting = new TreeSet<>();
  // Held batches that only their author has brought, who may have signed another of that number.
  private final TreeSet<ChainHash> unvouched = new TreeSet<>();
  private Revocations revocations = Revocations.NONE;
  private boolean mustWalk = true;
  private boolean mayOwe = true;
  private Optional<SpaceStatus.Revocation> shown = Optional.empty();
  private long shownOf;

  public Standing(
      SpaceId space,
      KeyFingerprint self,
      SpaceState state,
      CausalBuffer buffer,
      MembershipPort membership) {
    this.space = space;
    this.self = self;
    this.state = state;
    this.buffer = buffer;
    this.membership = membership;
  }

  /// Takes in what `_system` says now. Called at the start of each event.
  @SuppressWarnings("ReferenceEquality") // The port gives the same object until there is news.
  public void refresh() {
    var now = membership.revocations();
    if (now != revocations) {
      revocations = now;
      mustWalk = true;
      mayOwe = true;
      settled.clear();
      shown = Optional.empty();
    }
  }

  public boolean isRevoked(KeyFingerprint key) {
    return revocations.isRevoked(key);
  }

  /// A batch is to be buffered. Of two of one number that which a member has brought counts, for a
  /// member brings what it has applied; the author alone may say one thing here and another there.
  ///
  /// @param from who brought it; empty for this node itself
  public void arrives(Optional<KeyFingerprint> from, SignedBatch signed) {
    mustWalk = true;
    if (standsByItself(signed)) {
      return;
    }
    var batch = signed.batch();
    var before = buffer.get(batch.replica(), batch.seq()).map(SignedBatch::hash);
    boolean isVouched = from.filter(this::isRevoked).isEmpty();
    boolean isKnown =
        buffer.at(batch.replica(), batch.seq()).stream()
            .anyMatch(it -> it.hash().equals(signed.hash()));
    if (!isVouched) {
      if (!isKnown) {
        unvouched.add(signed.hash());
      }
      return;
    }
    if (before.isPresent() && !isKnown && unvouched.contains(before.get())) {
      buffer.dropFrom(batch.replica(), batch.seq());
    }
    unvouched.remove(signed.hash());
  }

  /// A batch was applied, or all of another member's state: it may be that nobody has named it.
  public void applied(ReplicaId replica) {
    if (!revocations.isEmpty()) {
      shown = Optional.empty();
    }
    if (isRevoked(replica.key())) {
      settled.remove(replica);
      mayOwe = true;
    }
  }

  /// The state of another member was taken over.
  public void adopted() {
    settled.clear();
    shown = Optional.empty();
    mayOwe = true;
  }

  /// Whether a batch that waits may be applied, as far as revocations go.
  ///
  /// @param named the replica or branch whose it is
  public boolean stands(SignedBatch signed, ReplicaId named) {
    var replica = signed.batch().replica();
    boolean isWithin = revocations.stands(space, named, signed.batch().seq(), signed.hash());
    if (isWithin || adopting.contains(replica.key())) {
      return true;
    }
    if (mustWalk || !membership.namedElsewhere().isEmpty()) {
      walk();
    }
    return signed.batch().seq() <= named(replica, named) && !unvouched.contains(signed.hash());
  }

  /// Up to where a replica is named: by its own name, or by that of something it goes on from, for
  /// who named it may have known of fewer forks.
  private long named(ReplicaId root, ReplicaId replica) {
    long last = Math.max(named.getOrDefault(root, 0L), named.getOrDefault(replica, 0L));
    for (var branch = state.branches().find(replica); branch.isPresent(); ) {
      last = Math.max(last, named.getOrDefault(branch.get().parent(), 0L));
      branch = state.branches().find(branch.get().parent());
    }
    return last;
  }

  /// From now until [#adoptedAll], what is held of a key stands, for the operator says so; this
  /// node then names it.
  public void adopt(KeyFingerprint key) {
    adopting.add(key);
  }

  public void adoptedAll() {
    adopting.clear();
  }

  private boolean standsByItself(SignedBatch signed) {
    var batch = signed.batch();
    return revocations.stands(space, batch.replica(), batch.seq(), signed.hash());
  }

  /// Finds what lies in the past of the waiting batches that stand by themselves. Each is a witness
  /// for all keys but its author's.
  private void walk() {
    mustWalk = false;
    named.clear();
    forgetGone();
    if (revocations.isEmpty()) {
      return;
    }
    var roots = new TreeMap<KeyFingerprint, Deque<SignedBatch>>();
    for (var replica : buffer.replicas()) {
      for (var signed : buffer.of(replica)) {
        if (standsByItself(signed)) {
          roots.computeIfAbsent(replica.key(), _ -> new ArrayDeque<>()).add(signed);
        }
      }
    }
    roots.forEach((witness, batches) -> follow(witness, batches, new TreeMap<>()));
    membership
        .namedElsewhere()
        .forEach((witness, vector) -> {
          var seen = new TreeMap<ReplicaId, Long>();
          var open = new ArrayDeque<SignedBatch>();
          vector.entries().forEach(it -> name(witness, it.replica(), it.seq(), seen, open));
          follow(witness, open, seen);
        });
  }

  /// Names all that lies in the past of some batches.
  private void follow(
      KeyFingerprint witness, Deque<SignedBatch> open, TreeMap<ReplicaId, Long> seen) {
    while (!open.isEmpty()) {
      past(open.pop().batch()).forEach((replica, seq) -> name(witness, replica, seq, seen, open));
    }
  }

  /// What is held no more need not be remembered.
  private void forgetGone() {
    if (!unvouched.isEmpty()) {
      var here = new TreeSet<ChainHash>();
      for (var replica : buffer.replicas()) {
        if (isRevoked(replica.key())) {
          buffer.of(replica).forEach(it -> here.add(it.hash()));
        }
      }
      unvouched.retainAll(here);
    }
  }

  private void name(
      KeyFingerprint witness,
      ReplicaId replica,
      long seq,
      TreeMap<ReplicaId, Long> seen,
      Deque<SignedBatch> open) {
    long before = seen.getOrDefault(replica, state.origins().seq(replica));
    if (seq <= before) {
      return;
    }
    seen.put(replica, seq);
    if (!replica.key().equals(witness)) {
      named.merge(replica, seq, Math::max);
    }
    waiting(replica).stream()
        .filter(it -> it.batch().seq() > before && it.batch().seq() <= seq)
        .forEach(open::add);
  }

  /// The batches of a replica that wait; of a branch, which wait under the name that their author
  /// has, those that are on it.
  private List<SignedBatch> waiting(ReplicaId replica) {
    var branch = state.branches().find(replica);
    if (branch.isEmpty()) {
      return buffer.of(replica);
    }
    var chain = new TreeSet<ChainHash>();
    chain.add(branch.get().hash());
    state.origins().find(replica).ifPresent(it -> chain.add(it.hash()));
    var waiting = new ArrayList<SignedBatch>();
    for (var signed : buffer.of(state.branches().root(replica))) {
      if (chain.contains(signed.hash()) || chain.contains(signed.batch().previous())) {
        chain.add(signed.hash());
        waiting.add(signed);
      }
    }
    return waiting;
  }

  /// What a batch names.
  private static SortedMap<ReplicaId, Long> past(Batch batch) {
    var past = new TreeMap<ReplicaId, Long>();
    batch.context().space().entries().forEach(it -> past.merge(it.replica(), it.seq(), Math::max));
    batch.closes().forEach(it -> past.merge(it.replica(), it.seq(), Math::max));
    if (batch.seq() > 1) {
      past.merge(batch.replica(), batch.seq() - 1, Math::max);
    }
    return past;
  }

  /// What waiting batches that stand name of `_system`, by the key of their author: the replica of
  /// `_system` may hold batches for which nobody else vouches.
  private SortedMap<KeyFingerprint, VersionVector> namedOfSystem() {
    var all = new TreeMap<KeyFingerprint, VersionVector>();
    for (var replica : buffer.replicas()) {
      for (var signed : buffer.of(replica)) {
        if (standsByItself(signed)) {
          all.merge(replica.key(), signed.batch().context().system(), VersionVector::join);
        }
      }
    }
    all.values().removeIf(VersionVector::isEmpty);
    return all;
  }

  /// Whether something is applied here beyond a cut-off that no standing batch of another member
  /// has in its past: then this node is to write a batch, whose context names it.
  public boolean owes() {
    if (!mayOwe || revocations.isEmpty() || isRevoked(self)) {
      return false;
    }
    // Few are active, and mostly one of them names all; those that are closed are asked last.
    var active = rows(state.origins().active());
    Optional<List<Row>> closed = Optional.empty();
    boolean owes = false;
    for (var origin : state.origins().all()) {
      if (owes || !isBeyond(origin) || settled.contains(origin.replica())) {
        continue;
      }
      boolean isNamed = isNamed(origin, active);
      if (!isNamed) {
        closed = closed.or(() -> Optional.of(rows(state.origins().all())));
        isNamed = isNamed(origin, closed.get());
      }
      if (isNamed) {
        settled.add(origin.replica());
      }
      owes = !isNamed;
    }
    mayOwe = owes;
    return owes;
  }

  /// What the last batch of a replica that stands by itself has in its past.
  private record Row(KeyFingerprint author, Past past) {}

  private List<Row> rows(List<Origin> origins) {
    return origins.stream()
        .filter(origin -> !isBeyond(origin))
        .map(origin -> {
          var listed = origin.context().with(origin.replica(), origin.seq());
          return new Row(origin.replica().key(), new Past(listed, state.origins().closes()));
        })
        .toList();
  }

  private boolean isBeyond(Origin origin) {
    return !revocations.stands(space, origin.replica(), origin.seq(), origin.hash());
  }

  private static boolean isNamed(Origin origin, List<Row> rows) {
    return rows.stream()
        .filter(row -> !row.author().equals(origin.replica().key()))
        .anyMatch(row -> row.past().seq(origin.replica()) >= origin.seq());
  }

  /// How many batches of revoked members wait.
  public int held() {
    return revocations.isEmpty()
        ? 0
        : buffer.replicas().stream()
            .filter(replica -> isRevoked(replica.key()))
            .mapToInt(replica -> buffer.of(replica).size())
            .sum();
  }

  /// The last batch that is held of a replica, of those that follow on what is applied without a
  /// hole, that the one who is asked need not send again.
  ///
  /// @param asked a member need not send what members have brought; the author not what it has
  public Optional<SignedBatch> lastHeld(ReplicaId replica, KeyFingerprint asked) {
    Optional<SignedBatch> last = Optional.empty();
    if (isRevoked(replica.key())) {
      boolean isAuthor = isRevoked(asked);
      long seq = state.origins().seq(replica) + 1;
      for (var next = buffer.get(replica, seq);
          next.isPresent() && (isAuthor || !unvouched.contains(next.get().hash()));
          next = buffer.get(replica, seq)) {
        last = next;
        seq++;
      }
    }
    return last;
  }

  /// The same for all replicas of which something is held. One whose batches close another is left
  /// out unless that other is here up to there: to have the close would read as to have what it
  /// closes.
  public SortedMap<ReplicaId, SignedBatch> lastHeld(KeyFingerprint asked) {
    var all = new TreeMap<ReplicaId, SignedBatch>();
    if (!revocations.isEmpty()) {
      buffer.replicas().forEach(it -> lastHeld(it, asked).ifPresent(last -> all.put(it, last)));
      all.keySet().removeIf(replica -> !hasWhatItCloses(replica, asked));
    }
    return all;
  }

  private boolean hasWhatItCloses(ReplicaId replica, KeyFingerprint asked) {
    return buffer.of(replica).stream()
        .flatMap(signed -> signed.batch().closes().stream())
        .allMatch(close -> {
          long held = lastHeld(close.replica(), asked).map(it -> it.batch().seq()).orElse(0L);
          return Math.max(held, state.origins().seq(close.replica())) >= close.seq();
        });
  }

  /// What is known of those that are revoked.
  public SpaceStatus.Revocation status() {
    if (revocations.isEmpty()) {
      return SpaceStatus.Revocation.NONE;
    }
    if (shownOf != buffer.changes()) {
      shown = Optional.empty();
      shownOf = buffer.changes();
    }
    var now = shown.orElseGet(this::show);
    shown = Optional.of(now);
    return now;
  }

  private SpaceStatus.Revocation show() {
    var all = new ArrayList<Revoked>();
    for (var key : revocations.keys()) {
      var beyond = new ArrayList<Beyond>();
      var replicas = new TreeSet<ReplicaId>();
      state.origins().all().stream()
          .filter(this::isBeyond)
          .map(Origin::replica)
          .forEach(replicas::add);
      replicas.addAll(buffer.replicas());
      int held = 0;
      for (var replica : replicas) {
        if (replica.key().equals(key)) {
          int waiting = buffer.of(replica).size();
          long applied = state.origins().seq(replica);
          held += waiting;
          long cut = revocations.cut(space, replica);
          beyond.add(new Beyond(replica, cut, applied, waiting, keys(replica)));
        }
      }
      all.add(new Revoked(key, held, beyond));
    }
    return new SpaceStatus.Revocation(all, namedOfSystem());
  }

  private SortedSet<String> keys(ReplicaId replica) {
    return buffer.of(replica).stream()
        .flatMap(signed -> signed.batch().transactions().stream())
        .flatMap(transaction -> transaction.operations().stream())
        .map(operation -> operation.path().key())
        .distinct()
        .limit(Beyond.KEYS_MAX)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
