package io.starling.replica.hosting;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.LogRemains;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import java.util.SortedMap;
import java.util.TreeMap;

/// What damaged stores that are set aside had applied of one space, as far as that can be read.
public final class Had {

  private final TreeMap<ReplicaId, Long> seqs = new TreeMap<>();
  private boolean isKnown = true;

  /// What they had of a replica beyond what is here.
  ///
  /// @param have the last seq that is here
  /// @param had the last that was there
  public record Missing(long have, long had) {}

  /// Notes what one of them had: looks through its whole log.
  ///
  /// @throws StorageFailure if not all could be read; what could is noted
  public void note(StatePort state) {
    try {
      var log = new LogRemains(state);
      log.last().forEach((replica, seq) -> seqs.merge(replica, seq, Math::max));
      var token = new StoredSpace(state).token();
      token.ifPresent(
          it -> it.heads().forEach(head -> seqs.merge(head.replica(), head.seq(), Math::max)));
      // Without a vector, and with a log, it is the vector that is lost.
      isKnown &= token.isPresent() || log.last().isEmpty();
    } catch (StorageFailure unreadable) {
      isKnown = false;
      throw unreadable;
    } catch (AssertionError broken) {
      // The engine takes for impossible what a damaged store may well hold.
      isKnown = false;
      throw new StorageFailure("what a damaged store had makes no sense", broken);
    }
  }

  /// Notes that one of them cannot be read at all.
  public void unreadable() {
    isKnown = false;
  }

  /// Whether all of them could be read.
  public boolean isKnown() {
    return isKnown;
  }

  /// What is not here, by replica.
  public SortedMap<ReplicaId, Missing> missing(StatePort live) {
    var here = new StoredSpace(live);
    var missing = new TreeMap<ReplicaId, Missing>();
    seqs.forEach((replica, seq) -> {
      long have = here.head(replica).map(Origin::seq).orElse(0L);
      if (have < seq) {
        missing.put(replica, new Missing(have, seq));
      }
    });
    return missing;
  }
}
