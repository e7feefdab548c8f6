/// A node's spaces in memory, over the real engine: what the client APIs are tested against.
///
/// Start at [io.starling.node.memory.MemorySpaces].
@NullMarked
package io.starling.node.memory;

import org.jspecify.annotations.NullMarked;
