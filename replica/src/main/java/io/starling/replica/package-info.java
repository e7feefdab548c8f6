/// The engine: a deterministic state machine that is told events and the time and answers with
/// effects.
///
/// Depends on `io.starling.crdt` and the JDK; does no I/O. The production loop and the simulator
/// are its two interpreters.
///
/// Start at [io.starling.replica.Replica]. What one event makes of it is a `Turn`, which leads it
/// on: `Writing` makes batches of what clients submit, `Arrivals` takes in those of others,
/// `Applying` applies what waits, `Takeover` carries out transfers of state, `Proving` and
/// `ForkTalk` see to forks, `OwnIncarnation` to it that no number is used twice. All they find goes
/// into one `Outbox`.
@NullMarked
package io.starling.replica;

import org.jspecify.annotations.NullMarked;
