/// A cluster of nodes on one machine, each a process of its own: what `starling up` makes, and how
/// other commands find it.
///
/// Depends on `io.starling.node.identity` and `io.starling.node.config`. Start at
/// [io.starling.node.local.LocalCluster].
@NullMarked
package io.starling.node.local;

import org.jspecify.annotations.NullMarked;
