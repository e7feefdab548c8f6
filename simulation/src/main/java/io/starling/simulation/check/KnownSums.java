package io.starling.simulation.check;

import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.replica.request.Mutation;
import io.starling.simulation.workload.Request;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.TreeMap;

/// Counters that are only ever incremented read the sum of what was acknowledged and of those
/// unanswered requests that turn out to have happened: computed from the requests, not from any
/// batch.
final class KnownSums implements Check {

  private final Model model;
  private final Workload workload;
  private final Evaluations evaluations = new Evaluations("I13 counters sum what was acknowledged");

  KnownSums(Model model, Workload workload) {
    this.model = model;
    this.workload = workload;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void converged(World world) {
    for (var node : world.remaining()) {
      node.spaces().forEach(this::require);
    }
  }

  private void require(SimulatedSpace space) {
    var sums = new TreeMap<String, Long>();
    for (var request : workload.requests()) {
      if (request.space().id().equals(space.id()) && happened(space, request)) {
        request.mutations().forEach(mutation -> count(mutation, sums));
      }
    }
    sums.forEach((key, sum) -> {
      var view = space.reader().view(Path.of(key), 1);
      long total = view instanceof View.Counter(long read, _) ? read : 0;
      evaluations.require(
          total == sum, () -> space + " reads " + key + " as " + total + ", not " + sum);
    });
  }

  private boolean happened(SimulatedSpace space, Request request) {
    boolean isOpen = request.isUnknown() || model.mayBeLost(request);
    if (!isOpen) {
      return request.isWritten();
    }
    var vector = space.ledger().vector();
    return model.chronicle(space).done(request.principal()).stream().anyMatch(vector::covers);
  }

  private static void count(Mutation mutation, TreeMap<String, Long> sums) {
    if (mutation instanceof Mutation.Increment(var path, long amount)
        && path.key().startsWith("count/")) {
      sums.merge(path.key(), amount, Long::sum);
    }
  }
}
