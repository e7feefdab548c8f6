/// JSON, written.
@NullMarked
package io.starling.simulation.json;

import org.jspecify.annotations.NullMarked;
