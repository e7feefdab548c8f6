/// Benchmarks that anyone can run: a real node against what its parts can do at best, in
/// interleaved pairs, as ratios with their spread.
///
/// Depends on the client contract and, for the control, on the storage adapter. Start at
/// [io.starling.node.bench.WriteBench]; what taking over state costs is measured in
/// [io.starling.node.bench.catchup].
@NullMarked
package io.starling.node.bench;

import org.jspecify.annotations.NullMarked;
