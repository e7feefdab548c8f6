/// Every state that three replicas of a data type can come to, up to a size: a breadth first search
/// over states that were not visited before, each held against the laws of joins and the oracle.
///
/// Depends on [io.starling.crdt.model] and [io.starling.crdt.oracle]; the engine is not in it.
/// Start at [io.starling.simulation.exhaustive.Search].
@NullMarked
package io.starling.simulation.exhaustive;

import org.jspecify.annotations.NullMarked;
