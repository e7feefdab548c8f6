/// Dot stores and the one generic join that all data types share.
///
/// Depends on [io.starling.crdt.causal]. Start at [io.starling.crdt.store.DotStore].
@NullMarked
package io.starling.crdt.store;

import org.jspecify.annotations.NullMarked;
