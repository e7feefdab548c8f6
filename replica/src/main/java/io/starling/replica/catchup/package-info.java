/// Catching up by state: what differs is found by sums over all cells, fetched from one snapshot of
/// one member, staged beside the live cells, and joined with them.
///
/// Depends on `io.starling.replica.state`. Start at [io.starling.replica.catchup.Joiner] and
/// [io.starling.replica.catchup.Donor]; whether what came may go live says
/// [io.starling.replica.catchup.Confirmation].
@NullMarked
package io.starling.replica.catchup;

import org.jspecify.annotations.NullMarked;
