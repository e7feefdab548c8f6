/// The bug bank: engines with planted bugs, each of which the simulator must find.
@NullMarked
package io.starling.simulation.mutant;

import org.jspecify.annotations.NullMarked;
