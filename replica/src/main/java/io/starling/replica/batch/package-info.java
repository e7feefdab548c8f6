/// Batches: the signed, chained log entries, their canonical bytes and what they name.
///
/// Depends on `io.starling.crdt`. Start at [io.starling.replica.batch.Batch].
@NullMarked
package io.starling.replica.batch;

import org.jspecify.annotations.NullMarked;
