package io.starling.replica.fork;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.ForkProof.Place;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.state.SpaceLog;
import io.starling.replica.state.SpaceState;
import io.starling.replica.state.StoredForks;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The proofs of forks that are kept here, and which of them peers are known to keep.
///
/// One is enough to convict a key, and each that shows where a replica was forked is needed by all
/// members alike; but a forger must not fill the store: of one key no more than [#PER_KEY_MAX] are
/// kept, of all no more than [#PROOFS_MAX]; those beyond are alarmed of and forgotten.
public final class Forks {

  /// Proofs kept against one key.
  public static final int PER_KEY_MAX = 64;

  /// Proofs kept in a space.
  public static final int PROOFS_MAX = 128;

  private final SpaceState state;
  private final StoredForks stored;
  private final TreeSet<Place> held = new TreeSet<>();
  // Proofs that convict a key and do not show where its replica was forked: one for each, until one
  // does that shows it.
  private final TreeMap<ReplicaId, Place> convicting = new TreeMap<>();
  private final TreeMap<KeyFingerprint, TreeSet<Place>> told = new TreeMap<>();

  public Forks(SpaceState state) {
    this.state = state;
    this.stored = state.forks();
    stored.all().forEach(this::note);
  }

  private void note(ForkProof proof) {
    if (proof.isPoint()) {
      held.add(proof.place());
    } else {
      convicting.put(proof.place().replica(), proof.place());
    }
  }

  /// The places of all proofs that are kept and show where a replica was forked.
  public SortedSet<Place> held() {
    return held;
  }

  public boolean isProven(Place place) {
    return held.contains(place) || convicting.containsValue(place);
  }

  /// All that are kept.
  public List<ForkProof> all() {
    return stored.all();
  }

  /// Looks whether a batch and what is applied here of the same number prove a fork.
  public Optional<ForkProof> meet(SignedBatch half) {
    var place = ForkProof.place(half);
    return isProven(place)
        ? Optional.empty()
        : logged(place).stream().flatMap(other -> ForkProof.of(half, other).stream()).findFirst();
  }

  /// Keeps a proof, unless it, or enough against its key, is kept already.
  ///
  /// @return whether it was staged, to be persisted
  public boolean keep(ForkProof proof) {
    var replica = proof.place().replica();
    if (!lacks(held, proof.place())) {
      return false;
    }
    if (!proof.isPoint()) {
      boolean isKnown =
          convicting.containsKey(replica)
              || convicting.size() >= PROOFS_MAX
              || held.stream().anyMatch(place -> place.replica().equals(replica));
      if (isKnown) {
        return false;
      }
    } else if (convicting.containsKey(replica)) {
      stored.remove(convicting.remove(replica));
    }
    note(proof);
    stored.put(proof);
    return true;
  }

  /// The batches in the log at a place: one for each branch that has one there.
  public List<SignedBatch> logged(Place place) {
    var log = new SpaceLog(state.staging());
    return state.branches().tree(place.replica()).stream()
        .flatMap(one -> state.origins().find(one).stream())
        .flatMap(origin -> log.batch(origin.number(), place.seq()).stream())
        .toList();
  }

  /// A peer says which proofs it keeps.
  ///
  /// @return whether that is news
  public boolean told(KeyFingerprint peer, Collection<Place> places) {
    var now = new TreeSet<>(places);
    return !now.equals(told.put(peer, now));
  }

  /// Whether a peer keeps the same proofs, as far as it has said: then both give the same names to
  /// what it has and to what is here.
  public boolean agrees(KeyFingerprint peer) {
    return held.equals(told.getOrDefault(peer, new TreeSet<>()));
  }

  /// What a peer had told may no longer be so.
  public void forget(KeyFingerprint peer) {
    told.remove(peer);
  }

  /// Peers that are not known to keep all that is kept here.
  public List<KeyFingerprint> untold(List<KeyFingerprint> reachable) {
    return held.isEmpty()
        ? List.of()
        : reachable.stream()
            .filter(peer -> !told.containsKey(peer) || lackedBy(peer).isPresent())
            .toList();
  }

  /// A proof that a peer lacks, has said so, and has room for.
  public Optional<ForkProof> lackedBy(KeyFingerprint peer) {
    var theirs = told.get(peer);
    return theirs == null
        ? Optional.empty()
        : held.stream().filter(place -> lacks(theirs, place)).findFirst().map(stored::get);
  }

  private static boolean lacks(SortedSet<Place> theirs, Place place) {
    long ofKey =
        theirs.stream().filter(it -> it.replica().key().equals(place.replica().key())).count();
    return !theirs.contains(place) && ofKey < PER_KEY_MAX && theirs.size() < PROOFS_MAX;
  }
}
