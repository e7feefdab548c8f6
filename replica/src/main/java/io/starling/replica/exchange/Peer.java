package io.starling.replica.exchange;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.status.SpaceStatus.DigestCheck;
import java.util.Optional;
import java.util.TreeSet;

/// What is known of a peer, from its own signed batches and beacons only.
///
/// What it claims decides what to ask it for, never what to drop.
final class Peer {

  final KeyFingerprint key;

  /// Whether messages can be sent to it.
  boolean isUp;

  /// Whether nothing was heard of it since the link came up.
  boolean isFresh;

  /// Its present incarnation, and the incarnation's row of the matrix clock: counts only as far as
  /// its own entry is applied here.
  Optional<ReplicaId> author = Optional.empty();

  VersionVector row = VersionVector.EMPTY;

  /// All that it ever claimed to have, by whatever incarnation.
  VersionVector claimed = VersionVector.EMPTY;

  /// Replicas that were forked of which it has, by its last beacon, what is on no branch known
  /// here.
  TreeSet<ReplicaId> unread = new TreeSet<>();

  /// The sum over its closed replicas, by its last beacon over this link.
  Optional<CellDigest> closed = Optional.empty();

  DigestCheck digest = DigestCheck.NOT_COMPARED;

  /// As found by the cells themselves.
  DigestCheck scrubbed = DigestCheck.NOT_COMPARED;

  /// When it was last heard, in milliseconds since 1970.
  long heardMillis;

  /// When its clock was last heard, by a beacon, and by how many milliseconds it was ahead then.
  long clockHeardMillis = Long.MIN_VALUE / 2;

  long clockAheadMillis;

  /// The tick since which it has claimed more than is applied here; -1 if it does not.
  long aheadSinceTick = -1;

  /// The tick at which it was last sent an announcement because it lacks something.
  long toldAtTick = Long.MIN_VALUE / 2;

  /// The tick at which anything was announced to it last, and the vector that was.
  long announcedAtTick = Long.MIN_VALUE / 2;

  VersionVector announced = VersionVector.EMPTY;

  /// Whether anything of what it has sent since it was last asked could be applied.
  boolean hasBroughtSome;

  /// Not pulled from before this tick, since the last pull brought nothing.
  long restsUntilTick;

  Peer(KeyFingerprint key) {
    this.key = key;
  }
}
