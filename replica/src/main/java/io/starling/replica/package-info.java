/// The engine: a deterministic state machine that is told events and the time and answers with
/// effects.
///
/// Depends on `io.starling.crdt` and the JDK; does no I/O. The production loop and the simulator
/// are its two interpreters.
@NullMarked
package io.starling.replica;

import org.jspecify.annotations.NullMarked;
