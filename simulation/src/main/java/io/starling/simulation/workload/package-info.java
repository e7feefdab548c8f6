/// Clients: sessions that read and write on the nodes, carry tokens between them, and remember what
/// was acknowledged.
///
/// Depends on `io.starling.simulation.world`. Start at [io.starling.simulation.workload.Workload].
@NullMarked
package io.starling.simulation.workload;

import org.jspecify.annotations.NullMarked;
