package io.starling.replica.state;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.causal.Closes;
import io.starling.replica.causal.Past;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/// The cells of a state with what is staged under their names: either **joined**, as readers see
/// them while a join is pending, or **replaced**, as the donor has them. All other tables are shown
/// as they are, so headers and sums are those of the cells that are not joined yet.
///
/// Reference: the join of dot stores by their causal contexts, Almeida, Shoker and Baquero, Delta
/// State Replicated Data Types (2018).
public final class StagedCells implements StatePort {

  private static final int ABSENT = 0;
  private static final int PRESENT = 1;
  private static final int TAG_BYTES = 1 + Integer.BYTES;

  // Staged entries that are looked at at a time.
  private static final int AHEAD = 256;

  private final StatePort state;
  private final ReplicaNumbers numbers;
  private final Optional<Vectors> vectors;

  private record Vectors(Past mine, Past theirs) {}

  private StagedCells(StatePort state, ReplicaNumbers numbers, Optional<Vectors> vectors) {
    this.state = state;
    this.numbers = numbers;
    this.vectors = vectors;
  }

  /// As if a pending join were done.
  static StagedCells joined(
      StatePort state, ReplicaNumbers numbers, Closes closes, PendingJoin join) {
    var mine = new Past(join.mine().vector(), closes);
    var theirs = new Past(join.theirs().vector(), closes);
    return new StagedCells(state, numbers, Optional.of(new Vectors(mine, theirs)));
  }

  /// As the donor has them: what is staged in place of what is here.
  public static StatePort replaced(StatePort state) {
    return new StagedCells(state, new ReplicaNumbers(state), Optional.empty());
  }

  /// A staged cell.
  ///
  /// @param session in which it came
  static byte[] present(int session, byte[] content) {
    return new Encoder(content.length + TAG_BYTES).u8(PRESENT).u32(session).raw(content).toBytes();
  }

  /// A staged cell that the donor has not.
  static byte[] absent(int session) {
    return new Encoder(TAG_BYTES).u8(ABSENT).u32(session).toBytes();
  }

  static int session(byte[] staged) {
    return ByteBuffer.wrap(staged).getInt(1);
  }

  /// The content of a staged cell; empty if the donor has none.
  static Optional<byte[]> content(byte[] staged) {
    return staged[0] == PRESENT
        ? Optional.of(Arrays.copyOfRange(staged, TAG_BYTES, staged.length))
        : Optional.empty();
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    if (table != Table.CELLS) {
      return state.get(table, key);
    }
    var staged = state.get(Table.STAGE, Layout.staged(key));
    var live = state.get(Table.CELLS, key);
    return staged.isEmpty() ? live : shown(key, live, staged.get());
  }

  @Override
  public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
    if (table != Table.CELLS) {
      state.scan(table, from, to, visitor);
      return;
    }
    var merge = new Merge(from, to, visitor);
    state.scan(Table.CELLS, from, to, merge);
    merge.finish();
  }

  private Optional<byte[]> shown(byte[] name, Optional<byte[]> live, byte[] staged) {
    var content = content(staged);
    if (vectors.isEmpty()) {
      return content;
    }
    try {
      var kind = CellId.decode(name, numbers).kind();
      var here = live.isPresent() ? decode(kind, live.get()) : Cell.empty(kind);
      var there = content.isPresent() ? decode(kind, content.get()) : Cell.empty(kind);
      var both = join(here, there);
      return both.isEmpty() ? Optional.empty() : Optional.of(CellEncoding.encode(both, numbers));
    } catch (MalformedException broken) {
      throw new AssertionError("a broken cell", broken);
    }
  }

  private Cell decode(CellKind kind, byte[] content) throws MalformedException {
    return CellEncoding.decode(kind, content, numbers);
  }

  /// A cell as it is here, joined with what the donor had of it.
  Cell join(Cell here, Cell there) {
    return vectors.map(it -> here.join(it.mine(), there, it.theirs())).orElse(there);
  }

  /// What is staged under a name, if something is.
  Optional<byte[]> staged(byte[] name) {
    return state.get(Table.STAGE, Layout.staged(name));
  }

  /// Shows live and staged cells in one order.
  private final class Merge implements Visitor {
    private final byte[] to;
    private final Visitor visitor;
    private final Deque<Staged> ahead = new ArrayDeque<>();
    private byte[] next;
    private boolean isExhausted;
    private boolean isDone;

    private Merge(byte[] from, byte[] to, Visitor visitor) {
      this.next = Layout.staged(from);
      this.to = to.length == 0 ? Layout.after(Layout.STAGED_CELLS) : Layout.staged(to);
      this.visitor = visitor;
    }

    private record Staged(byte[] name, byte[] value) {}

    @Override
    public boolean visit(byte[] name, byte[] content) {
      showBefore(Optional.of(name));
      if (isDone) {
        return false;
      }
      var first = peek();
      boolean isBoth = first.isPresent() && Arrays.equals(first.get().name(), name);
      if (!isBoth) {
        return goOn(visitor.visit(name, content));
      }
      ahead.removeFirst();
      return show(name, shown(name, Optional.of(content), first.get().value()));
    }

    private void finish() {
      showBefore(Optional.empty());
    }

    /// Shows what is staged before a name, or all that is left.
    private void showBefore(Optional<byte[]> name) {
      var first = peek();
      while (!isDone && first.isPresent() && isBefore(first.get().name(), name)) {
        ahead.removeFirst();
        show(first.get().name(), shown(first.get().name(), Optional.empty(), first.get().value()));
        first = peek();
      }
    }

    private static boolean isBefore(byte[] staged, Optional<byte[]> name) {
      return name.isEmpty() || Arrays.compareUnsigned(staged, name.get()) < 0;
    }

    private boolean show(byte[] name, Optional<byte[]> content) {
      return content.isEmpty() || goOn(visitor.visit(name, content.get()));
    }

    private boolean goOn(boolean wanted) {
      isDone |= !wanted;
      return wanted;
    }

    private Optional<Staged> peek() {
      if (ahead.isEmpty() && !isExhausted) {
        state.scan(
            Table.STAGE,
            next,
            to,
            (key, value) -> {
              ahead.add(new Staged(Layout.stagedName(key), value));
              return ahead.size() < AHEAD;
            });
        isExhausted = ahead.size() < AHEAD;
        if (!ahead.isEmpty()) {
          byte[] last = Layout.staged(ahead.getLast().name());
          next = Arrays.copyOf(last, last.length + 1);
        }
      }
      return Optional.ofNullable(ahead.peekFirst());
    }
  }
}
