/// Members whose key is no longer trusted: from which of their batches on, and which of those stand
/// all the same.
///
/// What anybody has applied is never undone. So that all nodes end with the same batches, one
/// beyond a cut-off is held until a standing batch of another member names it; and whoever has
/// applied one that nobody names writes a batch that does. Start at
/// [io.starling.replica.membership.Standing].
@NullMarked
package io.starling.replica.membership;

import org.jspecify.annotations.NullMarked;
