package io.starling.simulation.disk;

import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.Table;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Optional;
import java.util.TreeMap;

/// The store of one space of one node: what is durable, and writes that are not yet.
///
/// The engine sees a write as soon as it was ordered ([#live()]); readers see it when it is durable
/// ([#durable()]), as they do on a store that shows a synced write only after the sync. A crash
/// loses all pending writes, or makes the first of them durable after all: a machine can stop after
/// the sync and before anybody heard of it. A write is atomic, but for rows of fresh tables; torn
/// ones are the real store's to detect, and are tested there.
public final class SimulatedDisk {

  private final Deque<Changes> pending = new ArrayDeque<>();
  private final StatePort readable = new Durable();
  private MemoryState durable = new MemoryState();
  private Spoiled spoiled = new Spoiled();
  private long writtenBytes;

  /// A disk with nothing on it.
  public static final Backup EMPTY = new Backup(new MemoryState());

  /// A whole copy of a disk, taken at one moment.
  public static final class Backup {
    private final MemoryState state;

    private Backup(MemoryState state) {
      this.state = state;
    }
  }

  /// The state as the engine sees it, pending writes included.
  public StatePort live() {
    return new Live();
  }

  /// A snapshot of that.
  public StateSnapshot snapshot() {
    var copy = durable.copy();
    var unreadable = spoiled.copy();
    for (var changes : pending) {
      copy.persist(changes);
      unreadable.written(changes);
    }
    return new DamagedState(copy, unreadable);
  }

  /// The state as readers see it.
  public StatePort durable() {
    return readable;
  }

  /// The state as nobody on the machine sees it: rows that have rotted are shown as they were.
  public StatePort untouched() {
    return durable;
  }

  /// Has the bytes of a row rot: whoever reads it fails, until it is written anew.
  public void spoil(Table table, byte[] key) {
    spoiled.add(table, key);
  }

  /// Whether rows have rotted.
  public boolean isSpoiled() {
    return !spoiled.isEmpty();
  }

  /// Whether a row has.
  public boolean isSpoiled(Table table, byte[] key) {
    return spoiled.contains(table, key);
  }

  /// Puts one table back to what it was when a backup was taken, as a file that was cut short does.
  public void rollBack(Table table, Backup backup) {
    var changes = new ArrayList<Changes.Write>();
    durable.scan(
        table,
        new byte[0],
        new byte[0],
        (key, _) -> changes.add(new Changes.Write(table, key, Optional.empty())));
    backup.state.scan(
        table,
        new byte[0],
        new byte[0],
        (key, value) -> changes.add(new Changes.Write(table, key, Optional.of(value))));
    durable.persist(new Changes(changes));
  }

  /// Moves what is here aside; then the disk is empty.
  ///
  /// @return what is left of it
  public DamagedState setAside() {
    pending.clear();
    var aside = new DamagedState(durable, spoiled);
    durable = new MemoryState();
    spoiled = new Spoiled();
    return aside;
  }

  /// Changes what is durable behind the engine's back.
  public void edit(Changes changes) {
    durable.persist(changes);
  }

  /// Takes a write, not durable yet.
  public void write(Changes changes) {
    pending.addLast(changes);
  }

  /// Makes the oldest pending write durable.
  public void sync() {
    var changes = pending.removeFirst();
    durable.persist(changes);
    spoiled.written(changes);
    for (var write : changes.writes()) {
      writtenBytes += write.key().length + write.value().map(value -> value.length).orElse(0);
    }
  }

  /// Leaves the fresh rows out of the oldest pending write: a store may bring them in after the
  /// rest, and stop before.
  ///
  /// @return whether it had any that may be left out
  public boolean tear() {
    var changes = pending.getFirst();
    var rest = changes.writes().stream().filter(write -> !write.table().isFresh()).toList();
    boolean canTear =
        changes.fresh() == Changes.Fresh.KEPT && rest.size() < changes.writes().size();
    if (canTear) {
      pending.removeFirst();
      pending.addFirst(new Changes(rest));
    }
    return canTear;
  }

  /// Loses all pending writes.
  public void lose() {
    pending.clear();
  }

  /// How many writes are pending.
  public int pending() {
    return pending.size();
  }

  /// Bytes of keys and values made durable so far.
  public long writtenBytes() {
    return writtenBytes;
  }

  /// Copies what is durable.
  public Backup backup() {
    return new Backup(durable.copy());
  }

  /// Goes back to what was durable when the backup was taken.
  public void restore(Backup backup) {
    pending.clear();
    durable = backup.state.copy();
    spoiled = new Spoiled();
  }

  /// What is durable, as far as it can be read.
  private final class Durable implements StatePort {

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      spoiled.check(table, key);
      return durable.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      if (spoiled.isEmpty()) {
        durable.scan(table, from, to, visitor);
      } else {
        new DamagedState(durable, spoiled).scan(table, from, to, visitor);
      }
    }
  }

  /// The durable state with the pending writes laid over it.
  private final class Live implements StatePort {

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      var at = table;
      for (var later = pending.descendingIterator(); later.hasNext(); ) {
        var changes = later.next();
        for (var write : changes.writes()) {
          if (write.table() == at && Arrays.equals(write.key(), key)) {
            return write.value();
          }
        }
        if (changes.fresh() != Changes.Fresh.KEPT && at.isFresh()) {
          return Optional.empty();
        }
        at = changes.fresh() == Changes.Fresh.PROMOTED ? at.other() : at;
      }
      return readable.get(at, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      if (pending.isEmpty()) {
        readable.scan(table, from, to, visitor);
        return;
      }
      var rows = new EnumMap<Table, TreeMap<byte[], byte[]>>(Table.class);
      for (var it : EnumSet.of(table, table.other())) {
        rows.put(it, range(it, from, to));
      }
      for (var changes : pending) {
        if (changes.fresh() == Changes.Fresh.PROMOTED && table.other() != table) {
          var it = table.isFresh() ? table.other() : table;
          rows.put(it, new TreeMap<>(rows.getOrDefault(it.other(), none())));
        }
        rows.forEach((it, was) -> {
          if (changes.fresh() != Changes.Fresh.KEPT && it.isFresh()) {
            was.clear();
          }
          lay(changes, it, from, to, was);
        });
      }
      for (var entry : rows.getOrDefault(table, none()).entrySet()) {
        if (!visitor.visit(entry.getKey(), entry.getValue())) {
          return;
        }
      }
    }

    private TreeMap<byte[], byte[]> range(Table table, byte[] from, byte[] to) {
      var rows = none();
      readable.scan(
          table,
          from,
          to,
          (key, value) -> {
            rows.put(key, value);
            return true;
          });
      return rows;
    }

    private static TreeMap<byte[], byte[]> none() {
      return new TreeMap<>(Arrays::compareUnsigned);
    }

    private static void lay(
        Changes changes, Table table, byte[] from, byte[] to, TreeMap<byte[], byte[]> merged) {
      for (var write : changes.writes()) {
        boolean inRange =
            write.table() == table
                && Arrays.compareUnsigned(write.key(), from) >= 0
                && (to.length == 0 || Arrays.compareUnsigned(write.key(), to) < 0);
        if (inRange) {
          write
              .value()
              .ifPresentOrElse(
                  value -> merged.put(write.key(), value), () -> merged.remove(write.key()));
        }
      }
    }
  }
}
