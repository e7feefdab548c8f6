/// Makes a run that fails smaller, as long as it fails in the same way.
@NullMarked
package io.starling.simulation.shrink;

import org.jspecify.annotations.NullMarked;
