/// Virtual time: what happens when, and what the clocks of the nodes say.
///
/// Depends on the JDK only. Start at [io.starling.simulation.time.Agenda].
@NullMarked
package io.starling.simulation.time;

import org.jspecify.annotations.NullMarked;
