/// Receipts: what members have signed of where something is durable, and how anybody checks that
/// without a node.
///
/// Depends on `io.starling.node.space`, `identity` and `json`. Start at
/// [io.starling.node.receipt.Receipt].
@NullMarked
package io.starling.node.receipt;

import org.jspecify.annotations.NullMarked;
