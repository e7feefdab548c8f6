/// Every course of events there is, up to a size.
///
/// Start at [io.starling.crdt.exhaustive.ExhaustiveTest].
@NullMarked
package io.starling.crdt.exhaustive;

import org.jspecify.annotations.NullMarked;
