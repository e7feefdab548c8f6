/// Scenarios: what goes wrong, how often and for how long, by name.
///
/// Depends on `io.starling.simulation.world` and `workload`. Start at
/// [io.starling.simulation.scenario.Scenario].
@NullMarked
package io.starling.simulation.scenario;

import org.jspecify.annotations.NullMarked;
