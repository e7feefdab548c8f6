/// What is to happen in a run, written by hand: which regions there are, and who is cut off from
/// whom, stops or is slow, and when.
@NullMarked
package io.starling.simulation.script;

import org.jspecify.annotations.NullMarked;
