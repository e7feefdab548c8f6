package io.starling.simulation.lab;

import io.starling.simulation.Plan;
import io.starling.simulation.Simulation;
import java.util.function.Consumer;

/// Runs a plan and keeps what there is to see: who was cut off, what each node lacked, how long it
/// took until all were the same, and what became of keys that were changed on several sides.
public final class Lab {

  private Lab() {}

  /// Runs a plan.
  ///
  /// @param trace sees each line of the trace
  public static LabResult run(Plan plan, Consumer<String> trace) {
    var recorder = new Recorder(plan);
    var report = Simulation.run(plan, trace, recorder);
    return recorder.result(report);
  }
}
