package io.starling.simulation.world;

import io.starling.crdt.encoding.Encoder;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.state.StoredSpace;
import java.util.ArrayList;
import java.util.Optional;

/// The loss of a log, as far as others have applied the same.
final class LogLoss {

  private LogLoss() {}

  /// Takes the entries out of the store of a space to which nothing is being written.
  ///
  /// @return whether there were any
  static boolean of(World world, SimulatedSpace space) {
    var gone = new ArrayList<Changes.Write>();
    for (var head : new StoredSpace(space.disk().untouched()).heads()) {
      long elsewhere =
          world.present().stream()
              .filter(other -> other != space.node())
              .flatMap(other -> other.find(space.id()).stream())
              .mapToLong(other -> other.ledger().seq(head.replica()))
              .max()
              .orElse(0);
      for (long seq = 1; seq <= Math.min(head.seq(), elsewhere); seq++) {
        byte[] key = new Encoder(16).u32(head.number()).u64(seq).toBytes();
        gone.add(new Changes.Write(Table.LOG, key, Optional.empty()));
      }
    }
    space.disk().edit(new Changes(gone));
    return !gone.isEmpty();
  }
}
