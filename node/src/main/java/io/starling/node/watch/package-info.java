/// Watches: changes under a prefix, in groups that lead from one cut to a later one.
///
/// Depends on `io.starling.node.loop` and `io.starling.node.space`. Start at
/// [io.starling.node.watch.WatchHub].
@NullMarked
package io.starling.node.watch;

import org.jspecify.annotations.NullMarked;
