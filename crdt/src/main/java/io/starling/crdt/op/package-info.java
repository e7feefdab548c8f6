/// Operations: what replicas do and sign, and their effect on cells.
///
/// Depends on [io.starling.crdt.cell]. Start at [io.starling.crdt.op.Operation], then
/// [io.starling.crdt.op.Effect].
@NullMarked
package io.starling.crdt.op;

import org.jspecify.annotations.NullMarked;
