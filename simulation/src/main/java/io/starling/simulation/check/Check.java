package io.starling.simulation.check;

import io.starling.simulation.world.Observer;
import io.starling.simulation.world.World;

/// Something that must hold, watched all along. It throws a [Violation] as soon as it does not.
///
/// The numbers in the names are those of `docs/simulation.md`.
public interface Check extends Observer {

  /// What it is called, and how often it was evaluated: a check that was never asked has shown
  /// nothing.
  Evaluations evaluations();

  /// All nodes have converged after the faults ended: the last look.
  default void converged(World world) {}
}
