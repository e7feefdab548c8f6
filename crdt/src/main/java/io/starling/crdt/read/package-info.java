/// Views: what readers see, put together from cells.
///
/// Depends on [io.starling.crdt.op]. Start at [io.starling.crdt.read.View].
@NullMarked
package io.starling.crdt.read;

import org.jspecify.annotations.NullMarked;
