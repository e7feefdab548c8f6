/// Benchmarks that anyone can run: a real node against what its parts can do at best, in
/// interleaved pairs, as ratios with their spread.
///
/// Depends on the client contract and, for the control, on the storage adapter. Start at
/// [io.starling.node.bench.WriteBench]; what catching up costs, by state or by log, is measured in
/// [io.starling.node.bench.catchup].
@NullMarked
package io.starling.node.bench;

import org.jspecify.annotations.NullMarked;
