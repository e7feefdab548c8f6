/// Cells: the pieces a value is kept in, their names, contents, canonical bytes and digests.
///
/// Depends on [io.starling.crdt.store] and [io.starling.crdt.value]. Start at
/// [io.starling.crdt.cell.CellId].
@NullMarked
package io.starling.crdt.cell;

import org.jspecify.annotations.NullMarked;
