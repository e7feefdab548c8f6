/// Checks: what must hold in every run, held against what the world does, step by step.
///
/// The model beside them ([io.starling.simulation.check.Model]) knows every batch ever formed and
/// what each replica should have, without looking into it. Depends on
/// `io.starling.simulation.world` and `workload`, and on the oracle of `io.starling.crdt`. Start at
/// [io.starling.simulation.check.Checks].
@NullMarked
package io.starling.simulation.check;

import org.jspecify.annotations.NullMarked;
