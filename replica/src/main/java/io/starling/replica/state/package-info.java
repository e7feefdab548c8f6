/// The state of a space as tables of bytes: cells, headers, digests, heads, closes and the log.
///
/// Depends on `io.starling.replica.port` and `io.starling.crdt`. Start at
/// [io.starling.replica.state.Layout], which draws the tables, then
/// [io.starling.replica.state.CellStore].
@NullMarked
package io.starling.replica.state;

import org.jspecify.annotations.NullMarked;
