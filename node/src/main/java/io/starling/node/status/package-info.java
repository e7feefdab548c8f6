/// What a node says of itself: its state, its spaces, what it did last and what went wrong.
///
/// Depends on `io.starling.node.member` and `io.starling.replica`. Start at
/// [io.starling.node.status.NodeStatus].
@NullMarked
package io.starling.node.status;

import org.jspecify.annotations.NullMarked;
