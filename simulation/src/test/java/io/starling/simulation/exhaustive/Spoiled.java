package io.starling.simulation.exhaustive;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.model.Batch;
import io.starling.crdt.model.Names;
import io.starling.crdt.model.State;
import io.starling.crdt.op.Operation;
import io.starling.crdt.read.View;
import io.starling.crdt.store.Causal;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.DotMap;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// Production's algebra but for one mistake that somebody made before.
enum Spoiled implements Algebra {
  /// A join without contexts: the union of two sets, in which what was removed comes back.
  JOIN_FORGETS_CONTEXTS(DataType.SET) {
    @Override
    public Causal<DotMap<CellId, Cell>> join(
        Causal<DotMap<CellId, Cell>> mine, Causal<DotMap<CellId, Cell>> theirs) {
      var union = mine.store().join(CausalContext.NOTHING, theirs.store(), CausalContext.NOTHING);
      return new Causal<>(union, mine.context().or(theirs.context()));
    }
  },

  /// To take an element out takes concurrent additions with it, wherever they come first.
  REMOVAL_TAKES_CONCURRENT_ELEMENTS(DataType.SET) {
    @Override
    public State apply(State state, Batch batch) {
      var after = state.apply(batch);
      return batch.operations().getFirst()
              instanceof Operation.RemoveElement(var path, var element, _)
          ? without(after, new CellId.Element(path, element))
          : after;
    }
  },

  /// To disable a flag disables it, whoever enables it at the same time.
  DISABLING_WINS(DataType.FLAG) {
    @Override
    public State apply(State state, Batch batch) {
      var after = state.apply(batch);
      return batch.operations().getFirst() instanceof Operation.Disable
          ? State.of(DotMap.empty(), after.vector())
          : after;
    }
  },

  /// A clear from above takes removals too, and lets through what they were to hide.
  A_CLEAR_TAKES_REMOVALS(DataType.REMOVE_WINS_SET) {
    @Override
    public State apply(State state, Batch batch) {
      var after = state.apply(batch);
      return batch.operations().getFirst() instanceof Operation.Remove
          ? changed(
              after,
              cell ->
                  cell instanceof Cell.Contested(var marks)
                      ? new Cell.Contested(marks.without(dot -> state.vector().covers(dot)))
                      : cell)
          : after;
    }
  },

  /// Of two concurrent removals one is kept: who has seen that one alone lets an addition through.
  ONE_REMOVAL_IS_KEPT(DataType.DISABLE_WINS_FLAG) {
    @Override
    public State apply(State state, Batch batch) {
      return changed(
          state.apply(batch),
          cell ->
              cell instanceof Cell.Contested(var marks) && marks.entries().size() > 1
                  ? new Cell.Contested(
                      DotFun.of(
                          marks.entries().lastKey(),
                          marks.entries().get(marks.entries().lastKey())))
                  : cell);
    }
  },

  /// The latest is read where the greatest should be.
  THE_LATEST_IS_READ(DataType.GREATEST) {
    @Override
    public View view(State state, Path path) {
      return state.view(path) instanceof View.Register register && register.values().size() > 1
          ? new View.Register(new TreeMap<>(java.util.Map.ofEntries(register.latest())))
          : state.view(path);
    }
  },

  /// Two totals of one replica are added up, where the later one says all.
  JOIN_ADDS_TOTALS(DataType.COUNTER) {
    @Override
    public Causal<DotMap<CellId, Cell>> join(
        Causal<DotMap<CellId, Cell>> mine, Causal<DotMap<CellId, Cell>> theirs) {
      var joined = new TreeMap<>(mine.join(theirs).store().entries());
      joined.replaceAll((id, cell) ->
          cell instanceof Cell.Share(var counted, var reset)
                  && mine.store().get(id).orElse(cell) instanceof Cell.Share a
                  && theirs.store().get(id).orElse(cell) instanceof Cell.Share b
                  && !a.equals(b)
              ? new Cell.Share(
                  new Tally(
                      counted.seq(), counted.index(), a.counted().total() + b.counted().total()),
                  reset)
              : cell);
      return new Causal<>(new DotMap<>(joined), mine.context().or(theirs.context()));
    }
  },

  /// A reset takes back what its receiver has, and not what its author saw.
  RESET_TAKES_ALL(DataType.COUNTER) {
    @Override
    public State apply(State state, Batch batch) {
      return state.apply(
          changed(
              batch,
              it ->
                  it instanceof Operation.Reset
                      ? Names.add(new Operation.Reset(it.path(), List.of()), state.cells())
                      : it));
    }
  },

  /// The bytes of a share leave out what was reset of it.
  BYTES_FORGET_RESETS(DataType.COUNTER) {
    @Override
    public byte[] encode(Cell cell) {
      var kept =
          cell instanceof Cell.Share(var counted, _) ? new Cell.Share(counted, Tally.NONE) : cell;
      return CellEncoding.encode(kept, ReplicaForm.FULL);
    }
  },

  /// Of concurrent values the one with the latest stamp is kept, of equal ones the last to come.
  TIES_GO_BY_ARRIVAL(DataType.REGISTER) {
    @Override
    public State apply(State state, Batch batch) {
      var after = state.apply(batch);
      return changed(
          after,
          cell ->
              cell instanceof Cell.Register(var values) && !values.isEmpty()
                  ? new Cell.Register(latest(values, batch.dot(0)))
                  : cell);
    }
  },

  /// Of values with equal stamps the one of the first replica is read, not that of the last.
  TIES_READ_THE_WRONG_WAY(DataType.REGISTER) {
    @Override
    public View view(State state, Path path) {
      return state.view(path) instanceof View.Register(var values) && values.size() > 1
          ? new View.Register(new TreeMap<>(values.headMap(values.lastKey())))
          : state.view(path);
    }
  },

  /// To remove a map removes what is at its path, and leaves the fields.
  REMOVAL_LEAVES_FIELDS(DataType.MAP) {
    @Override
    public State apply(State state, Batch batch) {
      if (!(batch.operations().getFirst() instanceof Operation.Remove(var path, _))) {
        return state.apply(batch);
      }
      var cells = new TreeMap<>(state.apply(batch).cells().entries());
      state
          .cells()
          .entries()
          .forEach((id, cell) -> {
            if (!id.path().equals(path)) {
              cells.put(id, cell);
            }
          });
      return State.of(new DotMap<>(cells), state.apply(batch).vector());
    }
  },

  /// A transfer of state that only adds: what the other lacks is kept, though it has seen it.
  JOIN_ONLY_ADDS(DataType.MAP) {
    @Override
    public Causal<DotMap<CellId, Cell>> join(
        Causal<DotMap<CellId, Cell>> mine, Causal<DotMap<CellId, Cell>> theirs) {
      var joined = new TreeMap<>(theirs.store().entries());
      joined.putAll(mine.store().entries());
      joined.putAll(mine.join(theirs).store().entries());
      return new Causal<>(new DotMap<>(joined), mine.context().or(theirs.context()));
    }
  },

  /// To remove a map leaves what its counters had counted.
  REMOVAL_NAMES_NO_COUNTERS(DataType.COUNTERS_IN_MAP) {
    @Override
    public State apply(State state, Batch batch) {
      return state.apply(
          changed(
              batch,
              it ->
                  it instanceof Operation.Remove(var path, _)
                      ? new Operation.Remove(path, List.of())
                      : it));
    }
  },

  /// To assign replaces the register alone, and not what other types have there.
  ASSIGNING_LEAVES_OTHER_TYPES(DataType.MIXED) {
    @Override
    public State apply(State state, Batch batch) {
      var after = state.apply(batch);
      if (!(batch.operations().getFirst() instanceof Operation.Assign)) {
        return after;
      }
      var cells = new TreeMap<>(state.cells().entries());
      after
          .cells()
          .entries()
          .forEach((id, cell) -> {
            if (cell instanceof Cell.Register) {
              cells.put(id, cell);
            }
          });
      return State.of(new DotMap<>(cells), after.vector());
    }
  },

  /// Who joins a state takes what is in it for all it has ever seen, its own past included.
  JOIN_TAKES_THE_OTHER_VECTOR(DataType.MIXED) {
    @Override
    public Causal<DotMap<CellId, Cell>> join(
        Causal<DotMap<CellId, Cell>> mine, Causal<DotMap<CellId, Cell>> theirs) {
      return new Causal<>(mine.join(theirs).store(), theirs.context());
    }
  };

  private final DataType type;

  Spoiled(DataType type) {
    this.type = type;
  }

  /// The type that shows it.
  DataType type() {
    return type;
  }

  private static State without(State state, CellId id) {
    var cells = new TreeMap<>(state.cells().entries());
    cells.remove(id);
    return State.of(new DotMap<>(cells), state.vector());
  }

  private static State changed(State state, UnaryOperator<Cell> change) {
    var cells = new TreeMap<>(state.cells().entries());
    cells.replaceAll((_, cell) -> change.apply(cell));
    return State.of(new DotMap<>(cells), state.vector());
  }

  private static Batch changed(Batch batch, UnaryOperator<Operation> change) {
    return new Batch(
        batch.replica(),
        batch.seq(),
        batch.time(),
        batch.context(),
        batch.read(),
        batch.operations().stream().map(change).toList());
  }

  private static DotFun<Assignment> latest(DotFun<Assignment> values, Dot arrived) {
    var times = values.entries().values().stream().map(Assignment::time).toList();
    var latest = Collections.max(times);
    var kept = new TreeMap<>(values.entries());
    kept.values().removeIf(assignment -> !assignment.time().equals(latest));
    if (kept.containsKey(arrived)) {
      return DotFun.of(arrived, values.entries().get(arrived));
    }
    return new DotFun<>(kept);
  }
}
