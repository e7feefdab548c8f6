/// Chance: the one source of it in a run, split by purpose.
///
/// Depends on the JDK only. Start at [io.starling.simulation.chance.Draws].
@NullMarked
package io.starling.simulation.chance;

import org.jspecify.annotations.NullMarked;
