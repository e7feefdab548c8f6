/// The world: nodes that run the production engine over simulated disks and a simulated network.
///
/// Depends on `io.starling.replica` and on the parts of the world: time, chance, disk, network,
/// trace. Knows no workload, no fault plan and no check; those act on it and observe it. Start at
/// [io.starling.simulation.world.World].
@NullMarked
package io.starling.simulation.world;

import org.jspecify.annotations.NullMarked;
