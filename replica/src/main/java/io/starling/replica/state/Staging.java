package io.starling.replica.state;

import io.starling.replica.port.Changes;
import io.starling.replica.port.Run;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// The state with changes that are not persisted yet laid over it.
///
/// The engine fills it while it takes an event, and empties it into one [Changes].
public final class Staging implements StatePort {

  private final StatePort durable;
  private Changes.Fresh fresh = Changes.Fresh.KEPT;
  // Entries that came in order and were not looked at since: they need no order made.
  private final Map<Table, Run> appended = new EnumMap<>(Table.class);
  private final Map<Table, NavigableMap<byte[], Optional<byte[]>>> written =
      new EnumMap<>(Table.class);

  public Staging(StatePort durable) {
    this.durable = durable;
    clear();
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    var value = in(table).get(key);
    if (value != null) {
      return value;
    }
    return isGone(table) ? Optional.empty() : durable.get(stored(table), key);
  }

  public void put(Table table, byte[] key, byte[] value) {
    in(table).put(key, Optional.of(value));
  }

  /// Puts an entry of a table of which many come in order, and few are read before they are
  /// persisted.
  void append(Table table, byte[] key, byte[] value) {
    var ahead = appended.computeIfAbsent(table, Run::new);
    if (ahead.isNext(key) && entries(table).isEmpty()) {
      ahead.append(key, value);
    } else {
      put(table, key, value);
    }
  }

  public void remove(Table table, byte[] key) {
    in(table).put(key, Optional.empty());
  }

  @Override
  public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
    var overlay = range(table, from, to);
    if (overlay.isEmpty() && !isGone(table)) {
      durable.scan(stored(table), from, to, visitor);
      return;
    }
    var merged = new Merge(new TreeMap<>(overlay), visitor);
    if (!isGone(table)) {
      durable.scan(stored(table), from, to, merged);
    }
    merged.finish();
  }

  /// Where the durable state has a table.
  private Table stored(Table table) {
    return fresh == Changes.Fresh.PROMOTED ? table.other() : table;
  }

  /// Whether nothing counts that the durable state has in a table.
  private boolean isGone(Table table) {
    return fresh != Changes.Fresh.KEPT && table.isFresh();
  }

  /// Empties the fresh tables.
  void clearFresh() {
    for (var table : Table.values()) {
      if (table.isFresh()) {
        in(table).clear();
      }
    }
    fresh = fresh == Changes.Fresh.PROMOTED ? fresh : Changes.Fresh.CLEARED;
  }

  /// Puts the fresh tables in the place of the others.
  ///
  /// @throws IllegalStateException if they were cleared or promoted, and that was not taken yet
  void promoteFresh() {
    if (fresh != Changes.Fresh.KEPT) {
      throw new IllegalStateException("the fresh tables are " + fresh);
    }
    for (var table : Table.values()) {
      if (table.isFresh()) {
        written.put(table.other(), in(table));
        written.put(table, new TreeMap<>(Arrays::compareUnsigned));
      }
    }
    fresh = Changes.Fresh.PROMOTED;
  }

  /// Whether nothing was changed.
  public boolean isEmpty() {
    return fresh == Changes.Fresh.KEPT && size() == 0;
  }

  /// How many entries were changed.
  public int size() {
    return written.values().stream().mapToInt(Map::size).sum()
        + appended.values().stream().mapToInt(List::size).sum();
  }

  /// The keys of a table under which something was changed, in order.
  public List<byte[]> changed(Table table) {
    return new ArrayList<>(in(table).keySet());
  }

  /// Hands over all changes and begins anew. They must be persisted before the next read.
  public Changes take() {
    var parts = new ArrayList<List<Changes.Write>>();
    written.forEach((table, entries) -> {
      if (appended.containsKey(table)) {
        parts.add(appended.get(table));
      }
      if (!entries.isEmpty()) {
        var writes = new ArrayList<Changes.Write>(entries.size());
        entries.forEach((key, value) -> writes.add(new Changes.Write(table, key, value)));
        parts.add(writes);
      }
    });
    var changes = Changes.joined(fresh, parts);
    clear();
    return changes;
  }

  private void clear() {
    fresh = Changes.Fresh.KEPT;
    appended.clear();
    for (var table : Table.values()) {
      written.put(table, new TreeMap<>(Arrays::compareUnsigned));
    }
  }

  private NavigableMap<byte[], Optional<byte[]>> in(Table table) {
    var entries = entries(table);
    var ahead = appended.remove(table);
    if (ahead != null) {
      ahead.forEach(write -> entries.put(write.key(), write.value()));
    }
    return entries;
  }

  private NavigableMap<byte[], Optional<byte[]>> entries(Table table) {
    var entries = written.get(table);
    if (entries == null) {
      throw new AssertionError("no staging for " + table);
    }
    return entries;
  }

  private NavigableMap<byte[], Optional<byte[]>> range(Table table, byte[] from, byte[] to) {
    var tail = in(table).tailMap(from, true);
    return to.length == 0 ? tail : tail.headMap(to, false);
  }

  /// Shows durable entries and staged ones in one order, a staged one in place of a durable one.
  private static final class Merge implements Visitor {
    private final NavigableMap<byte[], Optional<byte[]>> staged;
    private final Visitor visitor;
    private boolean isDone;

    Merge(TreeMap<byte[], Optional<byte[]>> staged, Visitor visitor) {
      this.staged = staged;
      this.visitor = visitor;
    }

    @Override
    public boolean visit(byte[] key, byte[] value) {
      showStaged(staged.headMap(key, false));
      var replaced = staged.remove(key);
      if (isDone) {
        return false;
      }
      if (replaced == null) {
        isDone = !visitor.visit(key, value);
      } else if (replaced.isPresent()) {
        isDone = !visitor.visit(key, replaced.get());
      }
      return !isDone;
    }

    void finish() {
      showStaged(staged);
    }

    private void showStaged(NavigableMap<byte[], Optional<byte[]>> next) {
      while (!isDone && !next.isEmpty()) {
        var entry = next.pollFirstEntry();
        isDone =
            entry.getValue().isPresent() && !visitor.visit(entry.getKey(), entry.getValue().get());
      }
    }
  }
}
