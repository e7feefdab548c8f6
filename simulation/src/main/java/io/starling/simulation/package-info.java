/// The simulator: the production engine in virtual time, over a virtual network and disk.
///
/// Depends on `io.starling.replica`, `io.starling.crdt` and the JDK. One seed decides everything
/// that happens in a run.
@NullMarked
package io.starling.simulation;

import org.jspecify.annotations.NullMarked;
