package io.starling.replica.hosting;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.state.LogRemains;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The reading of what is missing from the log of a damaged store: of each replica in order, from
/// what is here on, up to the first batch that cannot be read. What stands behind such a hole can
/// be applied once somebody else has given what is lost there, and is read then.
///
/// @param <E> what ends the reading early
public final class Salvage<E extends Exception> {

  /// After how many batches, or bytes of them, they are given away.
  private static final int CHUNK_BATCHES = 64;

  private static final int CHUNK_BYTES = 1 << 20;

  private final LogRemains log;
  private final Predicate<SignedBatch> genuine;
  private final Taker<E> taker;
  private final ArrayList<SignedBatch> chunk = new ArrayList<>();
  private final TreeMap<ReplicaId, Batch> next = new TreeMap<>();
  private Found found = Found.NOTHING;

  /// What there is of what is missing; the more the later.
  public enum Found {
    NOTHING,
    /// Only batches behind others that cannot be read.
    BEHIND_A_HOLE,
    /// What comes next of a replica.
    NEXT;

    /// What there is in two logs.
    public Found or(Found other) {
      return compareTo(other) < 0 ? other : this;
    }
  }

  /// What came of it.
  ///
  /// @param next the first batch that is missing, of each replica of which it can be read
  /// @param isTaken whether all was taken that was given
  public record Salvaged(Found found, SortedMap<ReplicaId, Batch> next, boolean isTaken) {

    public static final Salvaged NOTHING = new Salvaged(Found.NOTHING, new TreeMap<>(), true);

    public Salvaged {
      next = Collections.unmodifiableSortedMap(new TreeMap<>(next));
    }

    /// What came of reading two logs.
    public Salvaged and(Salvaged other) {
      var both = new TreeMap<>(other.next);
      both.putAll(next);
      return new Salvaged(found.or(other.found), both, isTaken && other.isTaken);
    }
  }

  /// Is given what was read, a chunk at a time.
  public interface Taker<E extends Exception> {

    /// @return whether it was taken: if not no more is read
    boolean take(List<SignedBatch> chunk) throws E;
  }

  /// @param genuine whether a batch was signed by whom it names
  public Salvage(LogRemains log, Predicate<SignedBatch> genuine, Taker<E> taker) {
    this.log = log;
    this.genuine = genuine;
    this.taker = taker;
  }

  /// Reads it. Done once.
  public Salvaged run(SortedMap<ReplicaId, Had.Missing> missing) throws E {
    for (var of : missing.entrySet()) {
      if (!isRead(of)) {
        return new Salvaged(found, next, false);
      }
    }
    lookBehindHoles(missing);
    return new Salvaged(found, next, isGiven());
  }

  /// @return whether all was taken that was given
  private boolean isRead(Map.Entry<ReplicaId, Had.Missing> of) throws E {
    long seq = begins(of);
    var batch = batch(of.getKey(), seq);
    batch.ifPresent(it -> next.put(of.getKey(), it.batch()));
    while (batch.isPresent() && seq <= of.getValue().had()) {
      found = Found.NEXT;
      chunk.add(batch.get());
      if (isFull() && !isGiven()) {
        return false;
      }
      seq++;
      batch = batch(of.getKey(), seq);
    }
    return true;
  }

  /// The first that is missing; those of a branch begin where it does.
  private long begins(Map.Entry<ReplicaId, Had.Missing> of) {
    return Math.max(of.getValue().have() + 1, log.begins(of.getKey()));
  }

  private void lookBehindHoles(SortedMap<ReplicaId, Had.Missing> missing) {
    boolean isAny =
        found == Found.NOTHING && missing.entrySet().stream().anyMatch(this::isAnyBehindAHole);
    found = isAny ? Found.BEHIND_A_HOLE : found;
  }

  private boolean isAnyBehindAHole(Map.Entry<ReplicaId, Had.Missing> of) {
    long last = Math.min(of.getValue().had(), log.last().getOrDefault(of.getKey(), 0L));
    for (long seq = last; seq > begins(of); seq--) {
      if (batch(of.getKey(), seq).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private boolean isFull() {
    return chunk.size() >= CHUNK_BATCHES
        || chunk.stream().mapToInt(SignedBatch::bytes).sum() >= CHUNK_BYTES;
  }

  private boolean isGiven() throws E {
    boolean isTaken = chunk.isEmpty() || taker.take(List.copyOf(chunk));
    chunk.clear();
    return isTaken;
  }

  private Optional<SignedBatch> batch(ReplicaId replica, long seq) {
    return log.batch(replica, seq).filter(genuine);
  }
}
