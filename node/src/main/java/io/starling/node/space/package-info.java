/// What the client APIs see of the replicas on this node: spaces to write to, read and watch.
///
/// Depends on `io.starling.replica` only; the API adapters depend on this and not on each other.
/// Start at [io.starling.node.space.Space].
@NullMarked
package io.starling.node.space;

import org.jspecify.annotations.NullMarked;
