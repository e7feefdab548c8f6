package io.starling.node.hosting;

import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.Rebuilding;
import io.starling.node.storage.Remains;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What is left of a store in memory that was set aside, in whose place another is made anew.
final class TestDamage implements Rebuilding, Remains {

  private final MemoryStore damaged;
  private final Set<SpaceId> done = new ConcurrentSkipListSet<>();
  private volatile int count = 1;
  private volatile BooleanSupplier opens = () -> true;
  private volatile Predicate<SpaceId> lost = _ -> false;
  private volatile Predicate<SpaceId> broken = _ -> false;
  private volatile boolean isOver;
  private volatile Runnable whenAsked = () -> {};
  private volatile Consumer<SpaceId> whenDone = _ -> {};

  TestDamage(MemoryStore damaged) {
    this.damaged = damaged;
  }

  /// The store that is made anew.
  NodeStore store(MemoryStore live) {
    return new Store(live, this);
  }

  /// How many stores were set aside; all but one cannot be opened.
  void count(int stores) {
    count = stores;
  }

  /// Has that one be opened only while something holds.
  void opensIf(BooleanSupplier condition) {
    opens = condition;
  }

  /// Has spaces be missing in its table.
  void lose(Predicate<SpaceId> which) {
    lost = which;
  }

  /// Has spaces not be readable.
  void breaks(Predicate<SpaceId> which) {
    broken = which;
  }

  /// Whether all is made anew.
  boolean isOver() {
    return isOver;
  }

  /// Has something run whenever somebody asks whether a space is done.
  void whenAsked(Runnable hook) {
    whenAsked = hook;
  }

  /// Has somebody told of each space that is done.
  void whenDone(Consumer<SpaceId> hook) {
    whenDone = hook;
  }

  @Override
  public String reason() {
    return "a test";
  }

  @Override
  public Instant since() {
    return Instant.EPOCH;
  }

  @Override
  public List<Path> setAside() {
    return Collections.nCopies(count, Path.of("damaged"));
  }

  @Override
  public List<Remains> remains() {
    return opens.getAsBoolean() ? List.of(this) : List.of();
  }

  @Override
  public boolean isDone(SpaceId space) {
    whenAsked.run();
    return done.contains(space);
  }

  @Override
  public void done(SpaceId space) {
    whenDone.accept(space);
    done.add(space);
  }

  @Override
  public void over() {
    isOver = true;
  }

  @Override
  public Path place() {
    return Path.of("damaged");
  }

  @Override
  public Set<SpaceId> spaces() {
    return damaged.spaces().stream()
        .filter(lost.negate())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public Optional<StatePort> space(SpaceId id) {
    if (broken.test(id)) {
      throw new StorageFailure("a test", new IOException("I/O error"));
    }
    return spaces().contains(id) ? Optional.of(damaged.space(id).live()) : Optional.empty();
  }

  @Override
  public void close() {}

  private record Store(MemoryStore live, TestDamage damage) implements NodeStore {

    @Override
    public SpaceStore space(SpaceId id) {
      return live.space(id);
    }

    @Override
    public Set<SpaceId> spaces() {
      return live.spaces();
    }

    @Override
    public void drop(SpaceId id) {
      live.drop(id);
    }

    @Override
    public Optional<Rebuilding> rebuilding() {
      return damage.isOver() ? Optional.empty() : Optional.of(damage);
    }

    @Override
    public void close() {
      live.close();
    }
  }
}
