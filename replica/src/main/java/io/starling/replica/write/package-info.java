/// Local writes: from what clients ask to signed batches.
///
/// Depends on `io.starling.replica.state`. Start at [io.starling.replica.write.Author].
@NullMarked
package io.starling.replica.write;

import org.jspecify.annotations.NullMarked;
