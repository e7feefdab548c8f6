/// A replica in memory, without log, store or buffers: what it holds, the transactions it makes and
/// receives, and their deltas. For proofs, beside [io.starling.crdt.oracle]: nothing that serves a
/// reader depends on it.
///
/// Depends on [io.starling.crdt.op] and [io.starling.crdt.read]. Start at
/// [io.starling.crdt.model.State].
@NullMarked
package io.starling.crdt.model;

import org.jspecify.annotations.NullMarked;
