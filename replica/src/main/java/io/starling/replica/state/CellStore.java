package io.starling.replica.state;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.op.CellTable;
import io.starling.replica.port.Table;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

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
  private final TreeMap<byte[], Slot> slots = new TreeMap<>(Arrays::compareUnsigned);
  // Those of the slots that are not empty now.
  private final NavigableMap<byte[], Slot> present = new TreeMap<>(Arrays::compareUnsigned);
  // Beginnings of names of which every stored cell has a slot; none begins with another.
  private final TreeSet<byte[]> loaded = new TreeSet<>(Arrays::compareUnsigned);
  private final TreeMap<String, KeyHeader> stored = new TreeMap<>();
  private final TreeMap<String, KeyHeader> headers = new TreeMap<>();
  private final Deque<Undo> undone = new ArrayDeque<>();
  // An operation asks for one cell a few times in a row, by one and the same name.
  private Optional<Slot> last = Optional.empty();

  public CellStore(Staging staging, ReplicaNumbers numbers, DigestTree digests) {
    this.staging = staging;
    this.numbers = numbers;
    this.digests = digests;
  }

  /// A cell as it was read and as it is now.
  private static final class Slot {
    private final CellId id;
    private final byte[] name;
    private final Cell before;
    private Cell now;

    private Slot(CellId id, byte[] name, Cell before) {
      this.id = id;
      this.name = name;
      this.before = before;
      this.now = before;
    }
  }

  private record Undo(Slot slot, Cell before) {}

  @Override
  public Cell get(CellId id) {
    return slot(id).now;
  }

  @Override
  public void put(CellId id, Cell content) {
    var slot = slot(id);
    undone.push(new Undo(slot, slot.now));
    change(slot, content);
  }

  @Override
  public List<CellId> atAndBelow(Path path) {
    var ids = atAndBelow(path, Integer.MAX_VALUE);
    // Whoever asks for all is about to look at all. Operations that follow at the same place in the
    // same event then do not scan for them again, nor for those that are gone by then.
    if (ids.size() > NEAR) {
      ids.forEach(this::slot);
      remember(path.prefix());
    }
    return ids;
  }

  /// As [#atAndBelow(Path)], but finds no more than `limit` stored cells and one; a longer list
  /// than `limit` means that there may be more.
  public List<CellId> atAndBelow(Path path, int limit) {
    if (path.isRoot()) {
      var header = header(path.key());
      if (header.cells() == header.registers() + header.flags()) {
        return singles(path, header);
      }
    }
    var found = new TreeMap<byte[], CellId>(Arrays::compareUnsigned);
    byte[] from = path.prefix();
    byte[] to = Layout.after(from);
    // Those changed in this event first: where they are enough, nothing more is looked at, so that
    // a transaction of many operations at one place does not cost their square.
    for (var entry : present.subMap(from, to).entrySet()) {
      found.put(entry.getKey(), entry.getValue().id);
      if (found.size() > limit) {
        return new ArrayList<>(found.values());
      }
    }
    if (stored(path.key()).cells() > 0 && !isLoaded(from)) {
      staging.scan(
          Table.CELLS,
          from,
          to,
          (key, _) -> {
            var id = id(key);
            byte[] canonical = id.canonical();
            if (!slots.containsKey(canonical)) {
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
    if (path.isRoot()) {
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
      if (hasLive(CellId.prefix(path, kind))) {
        kinds.add(kind);
      }
    }
    if (hasLive(path.prefixBelow())) {
      kinds.add(CellKind.MAP);
    }
    return kinds;
  }

  private boolean hasLive(byte[] prefix) {
    var touched = present.subMap(prefix, Layout.after(prefix)).values();
    if (touched.stream().anyMatch(slot -> slot.now.isLive())) {
      return true;
    }
    if (isLoaded(prefix)) {
      return false;
    }
    var found = new ArrayList<CellId>();
    staging.scan(
        Table.CELLS,
        prefix,
        Layout.after(prefix),
        (key, content) -> {
          var id = id(key);
          boolean isTouched = slots.containsKey(id.canonical());
          if (!isTouched && decode(id, content).isLive()) {
            found.add(id);
          }
          return found.isEmpty();
        });
    return !found.isEmpty();
  }

  /// The header of a key, changes of this event included.
  public KeyHeader header(String key) {
    var header = headers.get(key);
    return header != null ? header : stored(key);
  }

  /// Where a transaction begins.
  public int mark() {
    return undone.size();
  }

  /// Undoes all changes since the mark.
  public void undo(int mark) {
    while (undone.size() > mark) {
      var undo = undone.pop();
      change(undo.slot, undo.before);
    }
  }

  /// Stages all changes with what follows from them.
  public void flush() {
    for (var entry : slots.entrySet()) {
      var slot = entry.getValue();
      if (!slot.now.equals(slot.before)) {
        stage(entry.getKey(), slot);
      }
    }
    headers.forEach(this::stageHeader);
    digests.flush(staging);
    slots.clear();
    present.clear();
    loaded.clear();
    last = Optional.empty();
    headers.clear();
    stored.clear();
    undone.clear();
  }

  private void stage(byte[] canonical, Slot slot) {
    byte[] key = slot.id.encode(numbers);
    if (!slot.before.isEmpty()) {
      digests.subtract(canonical, CellEncoding.encode(slot.before, ReplicaForm.FULL));
    }
    if (slot.now.isEmpty()) {
      staging.remove(Table.CELLS, key);
    } else {
      staging.put(Table.CELLS, key, CellEncoding.encode(slot.now, numbers));
      digests.add(canonical, CellEncoding.encode(slot.now, ReplicaForm.FULL));
    }
  }

  private void change(Slot slot, Cell now) {
    var key = slot.id.path().key();
    headers.put(key, header(key).changed(slot.id, slot.now, now));
    slot.now = now;
    notePresence(slot);
  }

  private void notePresence(Slot slot) {
    if (slot.now.isEmpty()) {
      present.remove(slot.name);
    } else {
      present.put(slot.name, slot);
    }
  }

  /// Notes that every stored cell whose name begins so has a slot.
  private void remember(byte[] prefix) {
    if (!isLoaded(prefix)) {
      loaded.subSet(prefix, Layout.after(prefix)).clear();
      loaded.add(prefix);
    }
  }

  private boolean isLoaded(byte[] prefix) {
    // Whatever lies between a beginning of this one and this one has the same beginning; and no
    // beginning kept begins with another.
    byte[] nearest = loaded.floor(prefix);
    return nearest != null
        && nearest.length <= prefix.length
        && Arrays.equals(nearest, 0, nearest.length, prefix, 0, nearest.length);
  }

  private void stageHeader(String key, KeyHeader header) {
    if (header.equals(stored(key))) {
      return;
    }
    if (header.cells() == 0) {
      staging.remove(Table.HEADERS, Layout.header(key));
    } else {
      staging.put(Table.HEADERS, Layout.header(key), header.encode());
    }
  }

  @SuppressWarnings("ReferenceEquality") // a cache of one, missed without harm
  private Slot slot(CellId id) {
    if (last.isPresent() && last.get().id == id) {
      return last.get();
    }
    byte[] canonical = id.canonical();
    var slot = slots.get(canonical);
    if (slot == null) {
      slot = new Slot(id, canonical, load(id));
      slots.put(canonical, slot);
      notePresence(slot);
    }
    last = Optional.of(slot);
    return slot;
  }

  private Cell load(CellId id) {
    boolean unknownOrigin =
        id instanceof CellId.Share(_, var origin) && numbers.find(origin).isEmpty();
    if (unknownOrigin || stored(id.path().key()).cells() == 0) {
      return Cell.empty(id.kind());
    }
    Optional<byte[]> bytes = staging.get(Table.CELLS, id.encode(numbers));
    return bytes.map(content -> decode(id, content)).orElseGet(() -> Cell.empty(id.kind()));
  }

  /// The header as it was before this event; looked up once.
  private KeyHeader stored(String key) {
    return stored.computeIfAbsent(
        key,
        name ->
            staging
                .get(Table.HEADERS, Layout.header(name))
                .map(KeyHeader::decode)
                .orElse(KeyHeader.NONE));
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
