package io.starling.simulation.workload;

import io.starling.crdt.op.NamedTally;
import io.starling.replica.request.Mutation;
import java.util.List;
import java.util.Optional;

/// What clients change: draws keys and changes of them.
interface Changes {

  /// The changes of one transaction.
  List<Mutation> transaction();

  /// A change of what an earlier read of the key showed.
  ///
  /// @param seen the shares that were read, if it is a counter
  Mutation edit(String key, Optional<List<NamedTally>> seen);

  /// A random key.
  String key();
}
