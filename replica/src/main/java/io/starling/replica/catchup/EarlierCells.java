package io.starling.replica.catchup;

import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.Optional;

/// The cells of an earlier moment, or none, and all else as it is now.
///
/// @param then empty if no cell is to be shown
record EarlierCells(Optional<StatePort> then, StatePort now) implements StatePort {

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return table == Table.CELLS ? then.flatMap(it -> it.get(table, key)) : now.get(table, key);
  }

  @Override
  public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
    if (table == Table.CELLS) {
      then.ifPresent(it -> it.scan(table, from, to, visitor));
    } else {
      now.scan(table, from, to, visitor);
    }
  }
}
