package io.starling.simulation.disk;

import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.Table;
import java.util.Optional;

/// What is left of a state of which some rows cannot be read: whoever comes to one fails, as by a
/// checksum, and sees nothing of it.
public final class DamagedState implements StateSnapshot {

  private final MemoryState state;
  private final Spoiled spoiled;

  DamagedState(MemoryState state, Spoiled spoiled) {
    this.state = state;
    this.spoiled = spoiled;
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    spoiled.check(table, key);
    return state.get(table, key);
  }

  @Override
  public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
    state.scan(
        table,
        from,
        to,
        (key, value) -> {
          spoiled.check(table, key);
          return visitor.visit(key, value);
        });
  }

  @Override
  public void close() {}
}
