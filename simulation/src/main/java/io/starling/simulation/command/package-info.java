/// The command: options in, result out, with the time it took.
///
/// Outside the rules of purity that bind the rest of the module: it looks at the real clock.
/// Depends on `io.starling.simulation`. Start at [io.starling.simulation.command.Simulate].
@NullMarked
package io.starling.simulation.command;

import org.jspecify.annotations.NullMarked;
