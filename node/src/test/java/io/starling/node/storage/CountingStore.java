package io.starling.node.storage;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.Table;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// A store that counts what the engine asks of it.
public final class CountingStore implements NodeStore {

  private final NodeStore store;
  private final AtomicLong gets = new AtomicLong();
  private final AtomicLong visits = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();

  public CountingStore(NodeStore store) {
    this.store = store;
  }

  /// What was asked so far.
  ///
  /// @param gets look-ups
  /// @param visits entries that scans showed
  /// @param writes entries put or taken out
  public record Counts(long gets, long visits, long writes) {

    public Counts since(Counts before) {
      return new Counts(gets - before.gets, visits - before.visits, writes - before.writes);
    }
  }

  public Counts counts() {
    return new Counts(gets.get(), visits.get(), writes.get());
  }

  @Override
  public SpaceStore space(SpaceId id) {
    return new CountingSpace(store.space(id));
  }

  @Override
  public Set<SpaceId> spaces() {
    return store.spaces();
  }

  @Override
  public void drop(SpaceId id) {
    store.drop(id);
  }

  @Override
  public void close() {
    store.close();
  }

  private final class CountingSpace implements SpaceStore {
    private final SpaceStore space;

    private CountingSpace(SpaceStore space) {
      this.space = space;
    }

    @Override
    public StatePort live() {
      return new CountingState(space.live());
    }

    @Override
    public StateSnapshot snapshot() {
      return space.snapshot();
    }

    @Override
    public void checkWritable() {
      space.checkWritable();
    }

    @Override
    public void persist(Changes changes) {
      writes.addAndGet(changes.writes().size());
      space.persist(changes);
    }

    @Override
    public void recover() {
      space.recover();
    }
  }

  private final class CountingState implements StatePort {
    private final StatePort state;

    private CountingState(StatePort state) {
      this.state = state;
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      gets.incrementAndGet();
      return state.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      state.scan(
          table,
          from,
          to,
          (key, value) -> {
            visits.incrementAndGet();
            return visitor.visit(key, value);
          });
    }
  }
}
