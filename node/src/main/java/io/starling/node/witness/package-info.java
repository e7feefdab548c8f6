/// What a node remembers of its store outside of it, so that it can say at its start what became of
/// the store meanwhile.
///
/// It serves messages to the operator only. Nothing that is stored, sent or decided rests on it: a
/// witness that is missing, old, or wrong costs a message. Depends on the store's and the engine's
/// read side; start at [io.starling.node.witness.Examination].
@NullMarked
package io.starling.node.witness;

import org.jspecify.annotations.NullMarked;
