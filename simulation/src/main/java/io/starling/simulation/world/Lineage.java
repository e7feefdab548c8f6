package io.starling.simulation.world;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the world calls the replica of a batch: as its author does, unless the author has given the
/// same number to another batch before. Then the later one, and what follows on it, is of a branch,
/// named by its key and the first bytes of its own hash.
///
/// These names never change. Nodes have others: they call both halves of a fork by names of
/// branches as soon as they know of it (ADR 24).
public final class Lineage {

  private final TreeMap<Long, ReplicaId> names = new TreeMap<>();
  private final TreeMap<String, Long> taken = new TreeMap<>();
  private final TreeMap<SpaceId, List<Fork>> forks = new TreeMap<>();
  // What each branch goes on from.
  private final TreeMap<ReplicaId, ReplicaId> branches = new TreeMap<>();
  // Replicas of which a branch goes on, and the first that have no parent.
  private final TreeSet<ReplicaId> forked = new TreeSet<>();
  private boolean isExpected;

  /// Two batches with one number.
  ///
  /// @param first the first 8 bytes of the hash of the one that was formed first
  /// @param branch what is begun by the other
  public record Fork(long seq, long first, ReplicaId branch) {}

  /// Machines may be set back in this run: until that is said, names are what authors call
  /// themselves.
  public void expect() {
    isExpected = true;
  }

  /// Whether there is a fork in a space.
  public boolean isForked(SpaceId space) {
    return forks.containsKey(space);
  }

  /// Whether there is any.
  public boolean isForked() {
    return !forks.isEmpty();
  }

  /// The forks of a space.
  public List<Fork> forks(SpaceId space) {
    return Collections.unmodifiableList(forks.getOrDefault(space, List.of()));
  }

  /// Whether a name is one of a branch.
  public boolean isBranch(ReplicaId name) {
    return branches.containsKey(name);
  }

  /// Whether a replica has branches, or is one.
  public boolean isForked(ReplicaId name) {
    return forked.contains(root(name));
  }

  /// What all branches of a replica go on from in the end.
  public ReplicaId root(ReplicaId name) {
    var root = name;
    for (var parent = branches.get(root); parent != null; parent = branches.get(root)) {
      root = parent;
    }
    return root;
  }

  /// The name of the replica of a batch that is told by the first 8 bytes of its hash, if it was
  /// ever formed, in runs in which there may be forks.
  public Optional<ReplicaId> find(long hash) {
    return Optional.ofNullable(names.get(hash));
  }

  /// The name of a batch's replica. That of the batch before was asked for before.
  public ReplicaId name(SignedBatch signed) {
    var batch = signed.batch();
    if (!isExpected) {
      return batch.replica();
    }
    long hash = signed.hash().first();
    var known = Optional.ofNullable(names.get(hash));
    if (known.isPresent()) {
      return known.get();
    }
    var usual =
        batch.seq() == 1
            ? batch.replica()
            : Optional.ofNullable(names.get(batch.previous().first())).orElse(batch.replica());
    var place = batch.space() + " " + usual + ":" + batch.seq();
    var other = Optional.ofNullable(taken.putIfAbsent(place, hash));
    var name = usual;
    if (other.isPresent()) {
      name = new ReplicaId(batch.replica().key(), hash);
      branches.put(name, usual);
      forked.add(root(usual));
      taken.put(batch.space() + " " + name + ":" + batch.seq(), hash);
      forks
          .computeIfAbsent(batch.space(), _ -> new ArrayList<>())
          .add(new Fork(batch.seq(), other.get(), name));
    }
    names.put(hash, name);
    return name;
  }
}
