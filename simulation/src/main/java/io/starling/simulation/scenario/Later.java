package io.starling.simulation.scenario;

/// Has something happen after a wait, unless the faults are over by then.
@FunctionalInterface
interface Later {
  void run(long nanos, Runnable what);
}
