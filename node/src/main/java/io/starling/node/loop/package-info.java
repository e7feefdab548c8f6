/// The production interpreter of the engine: one thread for each space feeds it events and does
/// what its effects say.
///
/// Depends on `io.starling.replica`, `io.starling.node.storage` and `io.starling.node.peer`. Start
/// at [io.starling.node.loop.SpaceLoop].
@NullMarked
package io.starling.node.loop;

import org.jspecify.annotations.NullMarked;
