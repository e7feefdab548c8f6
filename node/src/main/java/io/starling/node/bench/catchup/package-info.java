/// What it costs to take over another member's state: bytes, round trips and time, and for a blank
/// member the throughput against a copy without an engine.
///
/// Nodes are put together from the same parts as [io.starling.node.Node] puts them: loops, RocksDB,
/// gRPC over mutual TLS. Start at [io.starling.node.bench.catchup.CatchUpBench].
@NullMarked
package io.starling.node.bench.catchup;

import org.jspecify.annotations.NullMarked;
