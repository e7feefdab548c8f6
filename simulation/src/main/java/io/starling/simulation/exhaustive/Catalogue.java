package io.starling.simulation.exhaustive;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.model.Batch;
import io.starling.crdt.model.Deltas;
import io.starling.crdt.model.State;
import io.starling.crdt.op.OperationEncoding;
import io.starling.crdt.store.Causal;
import io.starling.crdt.store.DotMap;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What replicas hold, and the transactions they make, each different one once, under a number. Any
/// two are joined once, and any transaction is applied to a state once; the laws that concern one
/// or two states are looked at then.
final class Catalogue {

  // Three numbers of up to [Bound#MAX], and the place of an author above them.
  private static final int SEQ_BITS = 4;
  private static final int SEQ_MASK = (1 << SEQ_BITS) - 1;
  private static final int AUTHOR_AT = 3 * SEQ_BITS;

  private final DataType type;
  private final Algebra algebra;
  private final List<Renaming> renamings;
  private final MessageDigest sha256 = CellDigest.sha256();

  private final List<State> states = new ArrayList<>();
  private final Ints vectors = new Ints();
  private final List<long[]> prints = new ArrayList<>();
  private final LongTable numbers = new LongTable();
  private final LongTable joined = new LongTable();

  private final List<Batch> batches = new ArrayList<>();
  private final Ints contexts = new Ints();
  private final List<Causal<DotMap<CellId, Cell>>> deltas = new ArrayList<>();
  private final List<long[]> batchPrints = new ArrayList<>();
  private final LongTable made = new LongTable();
  private final LongTable applied = new LongTable();

  /// @param renamings of replicas under which states count as one, the one that changes nothing
  ///   first
  Catalogue(DataType type, Algebra algebra, List<Renaming> renamings) {
    this.type = type;
    this.algebra = algebra;
    this.renamings = renamings;
    number(State.BOTTOM);
  }

  /// The number of the state without anything.
  int bottom() {
    return 0;
  }

  int size() {
    return states.size();
  }

  /// Pairs of states that were joined.
  int joins() {
    return joined.size() / 2;
  }

  State state(int number) {
    return states.get(number);
  }

  Batch batch(int number) {
    return batches.get(number);
  }

  /// Whether a state has seen a transaction.
  boolean covers(int state, int batch) {
    int context = contexts.get(batch);
    int shift = (context >>> AUTHOR_AT) * SEQ_BITS;
    return (vectors.get(state) >>> shift & SEQ_MASK) > (context >>> shift & SEQ_MASK);
  }

  /// Whether a state has seen all that a transaction needs, and not the transaction.
  boolean canApply(int state, int batch) {
    return !covers(state, batch) && state(state).canApply(batch(batch));
  }

  /// The fingerprint of a state, by renaming.
  long print(int state, int renaming) {
    return prints.get(state)[renaming];
  }

  /// The fingerprint of a transaction with all that its author held, by renaming.
  long batchPrint(int batch, int renaming) {
    return batchPrints.get(batch)[renaming];
  }

  /// The transaction that a replica makes of an update.
  int make(int before, int replica, int update) {
    long key = pair(before, replica << 8 | update);
    int known = made.get(key);
    if (known != LongTable.NONE) {
      return known;
    }
    var change = type.updates().get(update);
    var author = Renaming.REPLICAS.get(replica);
    var held = state(before);
    var operations = List.of(change.operation());
    var batch = Batch.of(author, held, change.time(), Optional.empty(), operations);
    requireRead(batch);
    var after = algebra.apply(held, batch);
    deltas.add(Deltas.of(batch.dot(0), held.cells(), after.cells()));
    batchPrints.add(batchPrints(before, replica, update));
    batches.add(batch);
    contexts.add(replica << AUTHOR_AT | vectors.get(before));
    made.put(key, batches.size() - 1);
    return batches.size() - 1;
  }

  /// The state after a transaction, which the join with its delta must be, too.
  int apply(int before, int batch) {
    long key = pair(before, batch);
    int known = applied.get(key);
    if (known != LongTable.NONE) {
      return known;
    }
    var held = state(before);
    try {
      int number = number(applied(held, batch));
      applied.put(key, number);
      return number;
    } catch (Flaw flaw) {
      var dot = batch(batch).dot(0);
      throw flaw.after(Telling.of(dot) + " comes to one that holds " + Telling.of(held));
    }
  }

  private State applied(State held, int batch) {
    var after = algebra.apply(held, batch(batch));
    var delta = deltas.get(batch);
    var meant = after.cells();
    requireEqual("joined with the delta", algebra.join(held.causal(), delta).store(), meant);
    requireEqual("the delta joined", algebra.join(delta, held.causal()).store(), meant);
    requireNothingReturns(held, after);
    return after;
  }

  /// The join of two states, in either order.
  int join(int a, int b) {
    if (a == b) {
      return a;
    }
    long key = pair(a, b);
    int known = joined.get(key);
    if (known != LongTable.NONE) {
      return known;
    }
    try {
      int number = number(joined(state(a), state(b)));
      joined.put(key, number);
      joined.put(pair(b, a), number);
      return number;
    } catch (Flaw flaw) {
      var both = Telling.of(state(a)) + " joined with " + Telling.of(state(b));
      throw flaw.after(both);
    }
  }

  private State joined(State x, State y) {
    var both = join(x, y);
    requireEqual("the other way round", join(y, x), both);
    requireEqual("has seen", both.vector(), x.vector().join(y.vector()));
    requireEqual("the first joined with that", join(x, both), both);
    requireEqual("the second joined with that", join(y, both), both);
    requireNothingReturns(x, both);
    requireNothingReturns(y, both);
    return both;
  }

  /// The vector in one number.
  private static int packed(State state) {
    int packed = 0;
    for (int replica = 0; replica < Renaming.REPLICAS.size(); replica++) {
      long seq = state.vector().seq(Renaming.REPLICAS.get(replica));
      packed |= Math.toIntExact(seq) << replica * SEQ_BITS;
    }
    return packed;
  }

  private State join(State mine, State theirs) {
    return new State(algebra.join(mine.causal(), theirs.causal()));
  }

  static long pair(int high, int low) {
    return (long) high << Integer.SIZE | low;
  }

  private int number(State state) {
    long print = print(state);
    int known = numbers.get(print);
    if (known != LongTable.NONE) {
      requireEqual("what has the same bytes", states.get(known), state);
      return known;
    }
    requireRead(state);
    requireEqual("what is joined with itself", join(state, state), state);
    numbers.put(print, states.size());
    var all = new long[renamings.size()];
    Arrays.setAll(all, i -> i == 0 ? print : print(renamings.get(i).of(state)));
    prints.add(all);
    states.add(state);
    vectors.add(packed(state));
    return states.size() - 1;
  }

  /// The first 64 bits of a SHA-256 of vector and cells in canonical bytes.
  private long print(State state) {
    var vector = new Encoder();
    state.vector().entries().forEach(entry -> vector.replica(entry.replica()).varint(entry.seq()));
    var cells = new Encoder();
    state
        .cells()
        .entries()
        .forEach((id, cell) -> {
          cells.bytes(id.canonical()).bytes(CellEncoding.encode(cell, ReplicaForm.FULL));
        });
    return CellDigest.of(sha256, vector.toBytes(), cells.toBytes()).high();
  }

  private long[] batchPrints(int before, int replica, int update) {
    var all = new long[renamings.size()];
    Arrays.setAll(
        all,
        i -> {
          long what = (long) renamings.get(i).to().get(replica) << 8 | update;
          return LongTable.spread(print(before, i) ^ LongTable.spread(what));
        });
    return all;
  }

  /// What is written down must be read as it was, and give the same bytes.
  private void requireRead(State state) {
    state
        .cells()
        .entries()
        .forEach((id, cell) -> {
          byte[] name = id.canonical();
          byte[] bytes = algebra.encode(cell);
          try {
            requireEqual("its name, read back", CellId.decode(name, ReplicaForm.FULL), id);
            var read = CellEncoding.decode(id.kind(), bytes, ReplicaForm.FULL);
            requireEqual("its bytes, read back", read, cell);
            boolean isSame = Arrays.equals(algebra.encode(read), bytes);
            requireEqual("the same bytes once more", isSame, true);
          } catch (MalformedException refused) {
            throw new Flaw("its own bytes are refused: " + refused.getMessage(), refused);
          }
        });
  }

  private static void requireRead(Batch batch) {
    var out = new Encoder();
    OperationEncoding.write(out, batch.operations());
    try {
      var in = new Decoder(out.toBytes());
      var read = OperationEncoding.read(in, batch.operations().size());
      in.finish();
      requireEqual("its operations, read back", read, batch.operations());
    } catch (MalformedException refused) {
      throw new Flaw("its own operations are refused: " + refused.getMessage(), refused);
    }
  }

  /// A dot that one has seen and does not hold was removed, and stays so.
  private static void requireNothingReturns(State before, State after) {
    var held = dots(before);
    for (var dot : dots(after)) {
      if (before.vector().covers(dot) && !held.contains(dot)) {
        throw new Flaw("what was removed is back: " + Telling.of(dot));
      }
    }
  }

  /// The dots that a state holds, in no order.
  static List<Dot> dots(State state) {
    var dots = new ArrayList<Dot>();
    for (var cell : state.cells().entries().values()) {
      switch (cell) {
        case Cell.Presence(var entries) -> dots.addAll(entries.entries().keySet());
        case Cell.Contested(var marks) -> dots.addAll(marks.entries().keySet());
        case Cell.Register(var entries) -> dots.addAll(entries.entries().keySet());
        case Cell.Share _ -> {}
      }
    }
    return dots;
  }

  static void requireEqual(String what, Object actual, Object expected) {
    if (!actual.equals(expected)) {
      throw new Flaw(what + ": " + Telling.of(actual) + ", not " + Telling.of(expected));
    }
  }
}
