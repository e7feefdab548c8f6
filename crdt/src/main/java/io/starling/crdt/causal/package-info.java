/// Causality: who has seen what. Replica ids, dots, version vectors, the hybrid clock.
///
/// Depends on the JDK only. Start at [io.starling.crdt.causal.VersionVector].
@NullMarked
package io.starling.crdt.causal;

import org.jspecify.annotations.NullMarked;
