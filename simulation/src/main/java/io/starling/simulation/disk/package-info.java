/// Disks: ordered tables in memory that lose on a crash what was not synced.
///
/// Depends on `io.starling.replica.port`. Start at [io.starling.simulation.disk.SimulatedDisk].
@NullMarked
package io.starling.simulation.disk;

import org.jspecify.annotations.NullMarked;
