/// What data costs beyond itself: bytes on the wire, bytes at rest, and what passes the storage
/// port for one update of an object of any size.
///
/// Depends on the engine and the storage adapter; no network. Start at
/// [io.starling.node.bench.cost.SizeBench] and [io.starling.node.bench.cost.WireBench].
@NullMarked
package io.starling.node.bench.cost;

import org.jspecify.annotations.NullMarked;
