/// The laws that every data type obeys, and for each type the operations they are tried with.
///
/// Start at [io.starling.crdt.laws.DataTypeLaws].
@NullMarked
package io.starling.crdt.laws;

import org.jspecify.annotations.NullMarked;
