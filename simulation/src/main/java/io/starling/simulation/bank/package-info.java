/// The bug bank: engines with planted bugs, each of which the simulator must find.
///
/// Depends on `io.starling.simulation`. Start at [io.starling.simulation.bank.BugBank]. A bug is a
/// [io.starling.simulation.bank.Mutation] of what goes into an engine or comes out of it, so that
/// production's code has no switches for them.
@NullMarked
package io.starling.simulation.bank;

import org.jspecify.annotations.NullMarked;
