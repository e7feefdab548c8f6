package io.starling.replica.catchup;

import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellHash;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import io.starling.replica.state.ReplicaNumbers;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;

/// Walks all cells of a state in the order of their stored names, some at a time.
final class CellWalk {

  private final StatePort state;
  private final ReplicaNumbers numbers;
  private final Slots slots = new Slots();
  private final CellHash hash = new CellHash(0, 0);
  private final Encoder room = new Encoder();
  private byte[] next = new byte[0];
  private boolean isDone;

  CellWalk(StatePort state) {
    this.state = state;
    this.numbers = new ReplicaNumbers(state);
  }

  /// A cell on the way. Its canonical content is made when it is asked for.
  final class Walked {
    private final byte[] stored;
    private final byte[] content;
    private final CellKind kind;
    private final byte[] name;
    private int slot = -1;

    private Walked(byte[] stored, byte[] content) {
      this.stored = stored;
      this.content = content;
      try {
        this.kind = CellId.kind(stored);
        this.name = kind == CellKind.COUNTER ? CellId.decode(stored, numbers).canonical() : stored;
      } catch (MalformedException broken) {
        throw new AssertionError("a broken cell name", broken);
      }
    }

    byte[] stored() {
      return stored;
    }

    byte[] name() {
      return name;
    }

    int bucket() {
      return Slots.bucket(slot());
    }

    int leaf(int leafBits) {
      return Slots.leaf(slot(), leafBits);
    }

    private int slot() {
      if (slot < 0) {
        slot = slots.slot(name);
      }
      return slot;
    }

    /// The content in the form of the store.
    byte[] encoded() {
      return content;
    }

    byte[] content() {
      try {
        if (kind == CellKind.COUNTER) {
          return content;
        }
        CellEncoding.transcode(kind, content, numbers, ReplicaForm.FULL, room.clear());
        return room.toBytes();
      } catch (MalformedException broken) {
        throw new AssertionError("a broken cell of kind " + kind, broken);
      }
    }

    CellDigest digest() {
      look(hash);
      return hash.plain();
    }

    /// The digest of a cell whose canonical content was made.
    CellDigest digest(byte[] canonical) {
      hash.look(name, canonical);
      return hash.plain();
    }

    /// The digest under a secret.
    CellDigest keyed(CellHash underSecret) {
      look(underSecret);
      return underSecret.keyed();
    }

    private void look(CellHash by) {
      try {
        by.look(name, kind, content, numbers);
      } catch (MalformedException broken) {
        throw new AssertionError("a broken cell of kind " + kind, broken);
      }
    }
  }

  /// Goes on until the visitor has enough, or that many cells were seen.
  void some(int max, Predicate<Walked> visitor) {
    if (isDone) {
      return;
    }
    int[] seen = {0};
    boolean[] isAll = {true};
    state.scan(
        Table.CELLS,
        next,
        new byte[0],
        (name, content) -> {
          isAll[0] = visitor.test(new Walked(name, content)) && ++seen[0] < max;
          if (!isAll[0]) {
            next = Arrays.copyOf(name, name.length + 1);
          }
          return isAll[0];
        });
    isDone = isAll[0];
  }

  /// The cell of a stored name.
  Optional<Walked> at(byte[] stored) {
    return state.get(Table.CELLS, stored).map(content -> new Walked(stored, content));
  }

  boolean isDone() {
    return isDone;
  }
}
