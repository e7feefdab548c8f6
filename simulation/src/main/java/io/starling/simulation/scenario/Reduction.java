package io.starling.simulation.scenario;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// What a run goes without of what its scenario has, so that a failure is easier to read.
///
/// @param without kinds of faults
/// @param clientsMost how many clients there are at most; 0 for as many as the scenario has
public record Reduction(SortedSet<FaultClass> without, int clientsMost) {

  /// Everything is as the scenario has it.
  public static final Reduction NONE = new Reduction(Collections.emptySortedSet(), 0);

  public Reduction {
    if (clientsMost < 0) {
      throw new IllegalArgumentException("no less than 0 clients, not " + clientsMost);
    }
    without = Collections.unmodifiableSortedSet(new TreeSet<>(without));
  }

  /// What is left of a setting.
  public Setting of(Setting setting) {
    var rest = setting;
    for (var fault : without) {
      rest = fault.without(rest);
    }
    return clientsMost == 0 ? rest : rest.with(rest.workload().atMost(clientsMost));
  }

  /// Without one kind of fault more.
  public Reduction and(FaultClass fault) {
    var more = new TreeSet<>(without);
    more.add(fault);
    return new Reduction(more, clientsMost);
  }

  /// With fewer clients.
  public Reduction withClients(int most) {
    return new Reduction(without, most);
  }
}
