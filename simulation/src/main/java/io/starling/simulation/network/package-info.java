/// The network: links that lose, delay, repeat, reorder and spoil bytes, and keys to sign with.
///
/// Messages cross it as bytes, in the production encodings, and are decoded and verified where they
/// arrive. Depends on `io.starling.replica` and `io.starling.simulation.time`. Start at
/// [io.starling.simulation.network.Network].
@NullMarked
package io.starling.simulation.network;

import org.jspecify.annotations.NullMarked;
