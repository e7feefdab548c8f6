/// Canonical bytes: one value, one encoding; anything else is refused.
///
/// Depends on [io.starling.crdt.causal]. Start at [io.starling.crdt.encoding.Encoder].
@NullMarked
package io.starling.crdt.encoding;

import org.jspecify.annotations.NullMarked;
