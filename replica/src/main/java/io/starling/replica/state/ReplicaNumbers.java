package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CanonicalCell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.OptionalInt;
import java.util.TreeMap;

/// A store's own short numbers for replicas, given in the order in which they were first applied.
/// They keep the cost of a dot at rest to a few bytes and never leave the store.
///
/// Looked up when needed and remembered. Not thread-safe.
public final class ReplicaNumbers implements ReplicaForm {

  private final StatePort state;
  private final Encoder room = new Encoder();
  private final TreeMap<ReplicaId, Integer> numbers = new TreeMap<>();
  private final TreeMap<Integer, ReplicaId> replicas = new TreeMap<>();

  public ReplicaNumbers(StatePort state) {
    this.state = state;
  }

  /// The number of a replica, if it has one.
  public OptionalInt find(ReplicaId replica) {
    var known = numbers.get(replica);
    if (known != null) {
      return OptionalInt.of(known);
    }
    var stored = state.get(Table.META, Layout.replica(replica));
    if (stored.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      int number = new Decoder(stored.get()).u32();
      remember(replica, number);
      return OptionalInt.of(number);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken replica number for " + replica, broken);
    }
  }

  /// The replica that has a number.
  public ReplicaId replica(int number) {
    var known = replicas.get(number);
    if (known != null) {
      return known;
    }
    var stored =
        state
            .get(Table.META, Layout.number(number))
            .orElseThrow(() -> new AssertionError("no replica has the number " + number));
    try {
      var replica = new Decoder(stored).replica();
      remember(replica, number);
      return replica;
    } catch (MalformedException broken) {
      throw new AssertionError("a broken replica id for number " + number, broken);
    }
  }

  /// The highest number given; 0 if none was. Costs a scan. A number may have been given to a
  /// replica without a head, which a restored store can meet again.
  int last() {
    int[] last = {0};
    state.scan(
        Table.META,
        Layout.NUMBERS,
        Layout.after(Layout.NUMBERS),
        (key, _) -> {
          last[0] = StoredOrigins.number(key);
          return true;
        });
    return last[0];
  }

  /// Gives a replica its number.
  void assign(ReplicaId replica, int number, Staging staging) {
    staging.put(Table.META, Layout.number(number), new Encoder().replica(replica).toBytes());
    staging.put(Table.META, Layout.replica(replica), new Encoder().u32(number).toBytes());
    remember(replica, number);
  }

  @Override
  public void write(Encoder out, ReplicaId replica) {
    out.varint(
        find(replica).orElseThrow(() -> new AssertionError("a dot of an unknown " + replica)));
  }

  @Override
  public ReplicaId read(Decoder in) throws MalformedException {
    return replica(in.count(Integer.MAX_VALUE, "as replica number"));
  }

  /// The store's name of a cell: the canonical one, but that replicas have numbers in it.
  byte[] name(CanonicalCell cell) {
    return cell.origin().isEmpty()
        ? cell.name()
        : new CellId.Share(cell.path(), cell.origin().get()).encode(this);
  }

  /// Its content in the form of the store.
  byte[] content(CanonicalCell cell) {
    if (cell.kind() == CellKind.COUNTER) {
      return cell.content();
    }
    try {
      CellEncoding.transcode(cell.kind(), cell.content(), ReplicaForm.FULL, this, room.clear());
      return room.toBytes();
    } catch (MalformedException broken) {
      throw new AssertionError("a cell that was read", broken);
    }
  }

  private void remember(ReplicaId replica, int number) {
    numbers.put(replica, number);
    replicas.put(number, replica);
  }
}
