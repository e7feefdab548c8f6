package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.op.CellTable;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The cells of a space while an event is taken: read once, changed in memory, written together
/// with their headers and digests.
///
/// A change can be undone back to a [#mark()], which is how a transaction is refused whole.
public final class CellStore implements CellTable {

  // As many cells as a glance at a path takes in before it asks for each type by itself.
  private static final int NEAR = 16;

  private final Staging staging;
  private final ReplicaNumbers numbers;
  private final DigestTree digests;
  // In the order of their first touch: what is staged is put in order there.
  private final LinkedHashMap<String, TouchedKey> keys = new LinkedHashMap<>();
  private final Deque<Undo> undone = new ArrayDeque<>();
  // An operation asks for one key, and often for one cell by one and the same name, again and
  // again.
  // As if a pending join were done; empty while none is.
  private Optional<StagedCells> joining = Optional.empty();
  private Optional<TouchedKey> lastKey = Optional.empty();
  private Optional<TouchedCell> last = Optional.empty();

  public CellStore(Staging staging, ReplicaNumbers numbers, DigestTree digests) {
    this.staging = staging;
    this.numbers = numbers;
    this.digests = digests;
  }

  /// From now on cells read as joined with what is staged, and are joined when they are touched; or
  /// no longer.
  void join(Optional<StagedCells> staged) {
    joining = staged;
  }

  /// Joins the cell of a stored name with what is staged under it, unless that is done.
  void joinStaged(byte[] storedName, byte[] staged) {
    var id = id(storedName);
    var key = key(id.path().key());
    byte[] name = id.canonical();
    if (key.find(name).isEmpty()) {
      join(key, key.touch(id, name, load(key, id, name)), storedName, staged);
    }
  }

  private StatePort readable() {
    return joining.<StatePort>map(it -> it).orElse(staging);
  }

  private record Undo(TouchedKey key, TouchedCell cell, Cell before) {}

  @Override
  public Cell get(CellId id) {
    return cell(id).now();
  }

  @Override
  public void put(CellId id, Cell content) {
    var cell = cell(id);
    var key = key(id.path().key());
    undone.push(new Undo(key, cell, cell.now()));
    key.change(cell, content);
  }

  @Override
  public List<CellId> atAndBelow(Path path) {
    var ids = atAndBelow(path, Integer.MAX_VALUE);
    // Whoever asks for all is about to look at all. Operations that follow at the same place in the
    // same event then do not scan for them again, nor for those that are gone by then.
    if (ids.size() > NEAR) {
      ids.forEach(this::cell);
      key(path.key()).remember(path.prefix());
    }
    return ids;
  }

  /// As [#atAndBelow(Path)], but finds no more than `limit` stored cells and one; a longer list
  /// than `limit` means that there may be more.
  public List<CellId> atAndBelow(Path path, int limit) {
    // Headers are those of the cells that are joined.
    if (path.isRoot() && joining.isEmpty()) {
      var header = header(path.key());
      if (header.cells() == header.registers() + header.flags()) {
        return singles(path, header);
      }
    }
    var key = key(path.key());
    var found = new TreeMap<byte[], CellId>(Arrays::compareUnsigned);
    byte[] from = path.prefix();
    byte[] to = Layout.after(from);
    // Those changed in this event first: where they are enough, nothing more is looked at, so that
    // a transaction of many operations at one place does not cost their square.
    for (var cell : key.present(from, to)) {
      found.put(cell.name(), cell.id());
      if (found.size() > limit) {
        return new ArrayList<>(found.values());
      }
    }
    if ((key.stored().cells() > 0 || joining.isPresent()) && !key.isLoaded(from)) {
      readable()
          .scan(
              Table.CELLS,
              from,
              to,
              (name, _) -> {
                var id = id(name);
                byte[] canonical = id.canonical();
                if (key.find(canonical).isEmpty()) {
                  found.put(canonical, id);
                }
                return found.size() <= limit;
              });
    }
    return new ArrayList<>(found.values());
  }

  /// The cells of a key whose header says that no scan is needed to name them.
  private static List<CellId> singles(Path path, KeyHeader header) {
    var ids = new ArrayList<CellId>();
    if (header.registers() > 0) {
      ids.add(new CellId.Single(path, CellKind.REGISTER));
    }
    if (header.flags() > 0) {
      ids.add(new CellId.Single(path, CellKind.FLAG));
    }
    return ids;
  }

  /// The types alive at a path. Costs a look at the header for a key's root, a short scan below it.
  public Set<CellKind> kindsAt(Path path) {
    if (path.isRoot() && joining.isEmpty()) {
      return header(path.key()).kinds();
    }
    var kinds = EnumSet.noneOf(CellKind.class);
    var near = atAndBelow(path, NEAR);
    if (near.size() <= NEAR) {
      for (var id : near) {
        if (get(id).isLive()) {
          kinds.add(id.path().equals(path) ? id.kind() : CellKind.MAP);
        }
      }
      return kinds;
    }
    for (var kind : CellKind.values()) {
      if (hasLive(path.key(), CellId.prefix(path, kind))) {
        kinds.add(kind);
      }
    }
    if (hasLive(path.key(), path.prefixBelow())) {
      kinds.add(CellKind.MAP);
    }
    return kinds;
  }

  private boolean hasLive(String name, byte[] prefix) {
    var key = key(name);
    for (var cell : key.present(prefix, Layout.after(prefix))) {
      if (cell.now().isLive()) {
        return true;
      }
    }
    if (key.isLoaded(prefix)) {
      return false;
    }
    var found = new ArrayList<CellId>();
    readable()
        .scan(
            Table.CELLS,
            prefix,
            Layout.after(prefix),
            (stored, content) -> {
              var id = id(stored);
              if (key.find(id.canonical()).isEmpty() && decode(id, content).isLive()) {
                found.add(id);
              }
              return found.isEmpty();
            });
    return !found.isEmpty();
  }

  /// The header of a key, changes of this event included.
  public KeyHeader header(String key) {
    return key(key).header();
  }

  /// Where a transaction begins.
  public int mark() {
    return undone.size();
  }

  /// Undoes all changes since the mark.
  public void undo(int mark) {
    while (undone.size() > mark) {
      var undo = undone.pop();
      undo.key.change(undo.cell, undo.before);
    }
  }

  /// Stages all changes with what follows from them.
  public void flush() {
    for (var key : keys.values()) {
      key.changed().forEach(this::stage);
      if (!key.header().equals(key.stored())) {
        stageHeader(key);
      }
    }
    digests.flush(staging);
    keys.clear();
    undone.clear();
    lastKey = Optional.empty();
    last = Optional.empty();
  }

  private void stage(TouchedCell cell) {
    byte[] key = storedName(cell.id(), cell.name());
    if (cell.now().isEmpty()) {
      staging.remove(Table.CELLS, key);
    } else {
      staging.put(Table.CELLS, key, CellEncoding.encode(cell.now(), numbers));
    }
    digests.replace(cell.name(), canonical(cell.before()), canonical(cell.now()));
  }

  private static Optional<byte[]> canonical(Cell cell) {
    return cell.isEmpty()
        ? Optional.empty()
        : Optional.of(CellEncoding.encode(cell, ReplicaForm.FULL));
  }

  private void stageHeader(TouchedKey key) {
    byte[] name = Layout.header(key.name());
    if (key.header().cells() == 0) {
      staging.remove(Table.HEADERS, name);
    } else {
      staging.put(Table.HEADERS, name, key.header().encode());
    }
  }

  private TouchedKey key(String name) {
    if (lastKey.isPresent() && lastKey.get().name().equals(name)) {
      return lastKey.get();
    }
    var key = keys.get(name);
    if (key == null) {
      key = new TouchedKey(name, storedHeader(name));
      keys.put(name, key);
    }
    lastKey = Optional.of(key);
    return key;
  }

  private KeyHeader storedHeader(String name) {
    return staging
        .get(Table.HEADERS, Layout.header(name))
        .map(KeyHeader::decode)
        .orElse(KeyHeader.NONE);
  }

  @SuppressWarnings("ReferenceEquality") // a cache of one, missed without harm
  private TouchedCell cell(CellId id) {
    if (last.isPresent() && last.get().id() == id) {
      return last.get();
    }
    var key = key(id.path().key());
    byte[] name = id.canonical();
    var cell = key.find(name).orElseGet(() -> touch(key, id, name));
    last = Optional.of(cell);
    return cell;
  }

  /// The join of a touched cell is not undone with what touched it: it is done once and for all,
  /// together with the end of what was staged.
  private TouchedCell touch(TouchedKey key, CellId id, byte[] name) {
    var cell = key.touch(id, name, load(key, id, name));
    boolean mayBeStaged = !(id instanceof CellId.Share(_, var origin)) || isKnown(origin);
    if (joining.isPresent() && mayBeStaged) {
      byte[] stored = storedName(id, name);
      joining.get().staged(stored).ifPresent(staged -> join(key, cell, stored, staged));
    }
    return cell;
  }

  private void join(TouchedKey key, TouchedCell cell, byte[] stored, byte[] staged) {
    var there = StagedCells.content(staged).map(content -> decode(cell.id(), content));
    var both = joining.orElseThrow().join(cell.now(), there.orElse(Cell.empty(cell.id().kind())));
    key.change(cell, both);
    staging.remove(Table.STAGE, Layout.staged(stored));
  }

  private boolean isKnown(ReplicaId origin) {
    return numbers.find(origin).isPresent();
  }

  private Cell load(TouchedKey key, CellId id, byte[] name) {
    boolean unknownOrigin = id instanceof CellId.Share(_, var origin) && !isKnown(origin);
    if (unknownOrigin || key.stored().cells() == 0) {
      return Cell.empty(id.kind());
    }
    Optional<byte[]> bytes = staging.get(Table.CELLS, storedName(id, name));
    return bytes.map(content -> decode(id, content)).orElseGet(() -> Cell.empty(id.kind()));
  }

  /// The store's name of a cell: the canonical one, but that replicas have numbers in it.
  private byte[] storedName(CellId id, byte[] canonical) {
    return id instanceof CellId.Share ? id.encode(numbers) : canonical;
  }

  private Cell decode(CellId id, byte[] content) {
    try {
      return CellEncoding.decode(id.kind(), content, numbers);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken cell " + id, broken);
    }
  }

  private CellId id(byte[] key) {
    try {
      return CellId.decode(key, numbers);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken cell name of " + key.length + " bytes", broken);
    }
  }
}
