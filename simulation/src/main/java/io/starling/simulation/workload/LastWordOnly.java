package io.starling.simulation.workload;

import io.starling.crdt.cell.Path;
import io.starling.crdt.op.NamedTally;
import io.starling.replica.request.Mutation;
import java.util.List;
import java.util.Optional;

/// Clients write nothing of their own. Only after the end of a run each node counts once at one
/// key, so that the last thing said is news to all.
final class LastWordOnly implements Changes {

  private static final String KEY = "after/the-end";

  @Override
  public List<Mutation> transaction() {
    return List.of(edit(KEY, Optional.empty()));
  }

  @Override
  public Mutation edit(String key, Optional<List<NamedTally>> seen) {
    return new Mutation.Increment(Path.of(key), 1);
  }

  @Override
  public String key() {
    return KEY;
  }
}
