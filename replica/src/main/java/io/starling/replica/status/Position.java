package io.starling.replica.status;

import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.message.Token;

/// Where a replica stands, for who asks after each event: what [SpaceStatus] says of the replica
/// itself, without what takes a look at every peer.
///
/// @param active the version vector, closed replicas left out
/// @param token the vector with head hashes
/// @param digest of all cells at this vector
/// @param cells how many cells there are
/// @param buffered batches that wait for their causes
/// @param isJoining whether another member's state is being joined with the cells; the digest and
///   the number of cells are then of those that are joined already
public record Position(
    VersionVector active,
    Token token,
    CellDigest digest,
    long cells,
    int buffered,
    boolean isJoining) {}
