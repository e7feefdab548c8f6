package io.starling.replica.status;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.message.Token;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// What a replica knows of itself and of its peers in a space, at one moment.
///
/// @param self the incarnation under which the next local write happens
/// @param active the version vector, closed replicas left out
/// @param closedReplicas how many replicas are closed at this vector
/// @param closed a hash over the table of closed replicas
/// @param digest of all cells at this vector
/// @param cells how many cells there are
/// @param stable what every peer known is known to have applied
/// @param buffered batches that wait for their causes
/// @param peers what is known of each peer, by key
/// @param token the vector with head hashes
/// @param tallies what has come together since the replica was opened
/// @param catchingUp how far it has come in taking over another member's state; while that is being
///   joined with the cells, the digest and the number of cells are of those that are joined already
/// @param log what is kept of it, and who holds back what may go
/// @param revocation what there is of members whose key is revoked
public record SpaceStatus(
    ReplicaId self,
    VersionVector active,
    int closedReplicas,
    CellDigest closed,
    CellDigest digest,
    long cells,
    VersionVector stable,
    int buffered,
    List<PeerStatus> peers,
    Token token,
    Tallies tallies,
    Optional<CatchingUp> catchingUp,
    LogStatus log,
    Revocation revocation) {

  public SpaceStatus {
    peers = List.copyOf(peers);
  }

  /// The same with some of the peers alone.
  public SpaceStatus among(Predicate<KeyFingerprint> hosts) {
    return with(peers.stream().filter(peer -> hosts.test(peer.key())).toList());
  }

  /// The same with some of the peers.
  public SpaceStatus with(List<PeerStatus> some) {
    return new SpaceStatus(
        self,
        active,
        closedReplicas,
        closed,
        digest,
        cells,
        stable,
        buffered,
        some,
        token,
        tallies,
        catchingUp,
        log,
        revocation);
  }

  /// The taking over of another member's state.
  ///
  /// @param donor whose; empty while it is being joined
  /// @param cells that the donor has; 0 while that is not known
  /// @param fetched cells that have come in this session
  /// @param bytes of what has come
  public record CatchingUp(
      Phase phase, Optional<KeyFingerprint> donor, long cells, long fetched, long bytes) {}

  /// What a member that catches up is at.
  public enum Phase {
    /// Finding what differs.
    COMPARING,
    /// Fetching it.
    FETCHING,
    /// Waiting for a third member to confirm it.
    PROVING,
    /// Joining it with its own cells; reads show it joined already.
    JOINING
  }

  /// What is kept of the log.
  ///
  /// @param bytes of batches
  /// @param oldestMillis the stamp of the oldest batch that was looked at, in milliseconds since
  ///   1970; empty before the first look, or if there is none
  /// @param truncated batches that have gone since the replica was opened
  /// @param truncatedUnstable those of them that not all members were known to have
  /// @param holders members that are not known to have applied all that is applied here, those for
  ///   the longest time first
  public record LogStatus(
      long bytes,
      OptionalLong oldestMillis,
      long truncated,
      long truncatedUnstable,
      List<Holder> holders) {
    public LogStatus {
      holders = List.copyOf(holders);
    }
  }

  /// What there is of members whose key is revoked.
  ///
  /// @param revoked each of them
  /// @param namedOfSystem what batches that wait here, and stand, name of `_system`, by the key of
  ///   their author
  public record Revocation(
      List<Revoked> revoked, SortedMap<KeyFingerprint, VersionVector> namedOfSystem) {

    /// Nobody's is.
    public static final Revocation NONE = new Revocation(List.of(), new TreeMap<>());

    public Revocation {
      revoked = List.copyOf(revoked);
      namedOfSystem = Collections.unmodifiableSortedMap(new TreeMap<>(namedOfSystem));
    }
  }

  /// A member whose key is revoked.
  ///
  /// @param held batches of it that wait here, for nobody has named them, or for their causes
  /// @param beyond its replicas of which something beyond the cut-off stands or is held here
  public record Revoked(KeyFingerprint key, int held, List<Beyond> beyond) {
    public Revoked {
      beyond = List.copyOf(beyond);
    }
  }

  /// What there is of a replica beyond its cut-off.
  ///
  /// @param cut the last batch that stands by itself; 0 if none does
  /// @param applied the last batch that stands
  /// @param held batches that wait
  /// @param keys that the batches which wait would change, some of them
  public record Beyond(
      ReplicaId replica, long cut, long applied, int held, SortedSet<String> keys) {

    /// How many keys are named.
    public static final int KEYS_MAX = 20;

    public Beyond {
      keys = Collections.unmodifiableSortedSet(new TreeSet<>(keys));
    }
  }

  /// A member that holds stability back.
  ///
  /// @param sinceMillis when that was applied here which it is not known to have, within a round,
  ///   in milliseconds since 1970
  /// @param isAtLeast whether it may be longer, for the replica was opened only then
  public record Holder(KeyFingerprint member, long sinceMillis, boolean isAtLeast) {}

  /// Numbers for those who measure.
  ///
  /// @param bufferedBytes bytes of the batches that wait for their causes now
  /// @param digestsEqual comparisons at equal vectors that found equal digests
  /// @param digestsUnequal those that found unequal ones
  public record Tallies(long bufferedBytes, long digestsEqual, long digestsUnequal) {}

  /// What is known of a peer, from its own signed batches and beacons.
  ///
  /// @param key whose
  /// @param isUp whether messages can be sent to it
  /// @param applied the last vector it announced, without what is closed here; empty if none was
  ///   heard since the start
  /// @param lag batches that this node has applied and the peer has not announced
  /// @param ahead batches that the peer has announced and this node has not applied
  /// @param digest the last comparison: of sums at equal vectors, or of all cells at any
  /// @param heardMillis when it was last heard, in milliseconds since 1970; 0 if never
  public record PeerStatus(
      KeyFingerprint key,
      boolean isUp,
      Optional<VersionVector> applied,
      long lag,
      long ahead,
      DigestCheck digest,
      long heardMillis) {}

  /// The outcome of comparing digests with a peer.
  public enum DigestCheck {
    /// The vectors were never equal when they were compared.
    NOT_COMPARED,
    EQUAL,
    /// Equal vectors with unequal digests: an alarm.
    UNEQUAL
  }
}
