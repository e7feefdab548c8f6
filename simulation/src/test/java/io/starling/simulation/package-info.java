/// Tests of the simulator: that a seed decides everything, that the checks hold, and that they
/// would see it if something did not.
@NullMarked
package io.starling.simulation;

import org.jspecify.annotations.NullMarked;
