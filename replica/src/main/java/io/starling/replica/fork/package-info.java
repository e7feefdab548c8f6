/// Forks of replicas: their proofs, kept and told to all members.
///
/// Depends on `io.starling.replica.batch` and `state`. Start at [io.starling.replica.fork.Forks].
@NullMarked
package io.starling.replica.fork;

import org.jspecify.annotations.NullMarked;
