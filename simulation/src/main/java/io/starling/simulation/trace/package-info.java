/// The trace of a run: a line for each event, and one hash over all of them.
///
/// Depends on the JDK only. Start at [io.starling.simulation.trace.Trace].
@NullMarked
package io.starling.simulation.trace;

import org.jspecify.annotations.NullMarked;
