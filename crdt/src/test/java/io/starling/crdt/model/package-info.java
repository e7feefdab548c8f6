/// Three replicas in memory, for tests: they commit, deliver in causal order and join states, in
/// any mixture, and every step is held against the oracle.
///
/// Start at [io.starling.crdt.model.World].
@NullMarked
package io.starling.crdt.model;

import org.jspecify.annotations.NullMarked;
