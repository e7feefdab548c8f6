/// Reads: views of keys and pages of keys, from the live state or a snapshot of it.
///
/// Depends on `io.starling.replica.state`. Start at [io.starling.replica.read.SpaceReader].
@NullMarked
package io.starling.replica.read;

import org.jspecify.annotations.NullMarked;
