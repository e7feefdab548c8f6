/// Batches of others: whether they are valid, whether their causes are here, and their effect.
///
/// Depends on `io.starling.replica.state`. Start at [io.starling.replica.apply.Applier].
@NullMarked
package io.starling.replica.apply;

import org.jspecify.annotations.NullMarked;
