/// The naive oracle: what operations mean, evaluated from their whole history. For proofs: nothing
/// that serves a reader depends on it.
///
/// Depends on [io.starling.crdt.read]. Start at [io.starling.crdt.oracle.History].
@NullMarked
package io.starling.crdt.oracle;

import org.jspecify.annotations.NullMarked;
