/// What it costs to take over another member's state: bytes, round trips and time, and for a blank
/// member the throughput against a copy without an engine. And what it costs to come together again
/// after a partition, where the logs reach back.
///
/// Nodes are put together from the same parts as [io.starling.node.Node] puts them: loops, RocksDB,
/// gRPC over mutual TLS. Start at [io.starling.node.bench.catchup.CatchUpBench], or at
/// [io.starling.node.bench.catchup.ReconnectBench].
@NullMarked
package io.starling.node.bench.catchup;

import org.jspecify.annotations.NullMarked;
