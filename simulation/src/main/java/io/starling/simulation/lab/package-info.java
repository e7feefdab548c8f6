/// The partition lab: what a partition costs, told so that whoever never heard of CRDTs sees it.
///
/// Start at [io.starling.simulation.lab.Lab].
@NullMarked
package io.starling.simulation.lab;

import org.jspecify.annotations.NullMarked;
