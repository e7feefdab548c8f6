package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What another member has sent of its state, beside the cells: neither read nor summed up until it
/// goes live.
public final class Stage {

  private final Staging staging;
  private final ReplicaNumbers numbers;

  Stage(Staging staging, ReplicaNumbers numbers) {
    this.staging = staging;
    this.numbers = numbers;
  }

  /// A cell that was read.
  public record Named(CellId id, Cell cell) {}

  /// Reads a cell.
  ///
  /// @param name canonical
  /// @param content canonical
  /// @param enrols gives a replica a number that has none, or refuses to
  /// @throws MalformedException if these are no cell, or it names a replica without a number
  public Named read(byte[] name, byte[] content, Predicate<ReplicaId> enrols)
      throws MalformedException {
    var replicas = known(ReplicaForm.FULL, enrols);
    var id = CellId.decode(name, replicas);
    var cell = CellEncoding.decode(id.kind(), content, replicas);
    if (cell.isEmpty()) {
      throw new MalformedException("an empty cell");
    }
    return new Named(id, cell);
  }

  /// Stages a cell.
  ///
  /// @param session in which it came
  public void put(int session, Named cell) {
    put(session, cell.id().encode(numbers), CellEncoding.encode(cell.cell(), numbers));
  }

  /// Stages a cell in the form of the store.
  public void put(int session, byte[] stored, byte[] content) {
    staging.put(Table.STAGE, Layout.staged(stored), StagedCells.present(session, content));
  }

  /// Stages that the donor has no cell of a name.
  ///
  /// @param stored the name as the store has it
  public void putAbsent(int session, byte[] stored) {
    staging.put(Table.STAGE, Layout.staged(stored), StagedCells.absent(session));
  }

  /// Whether something was staged under a name in a session.
  public boolean has(int session, byte[] stored) {
    return staging
        .get(Table.STAGE, Layout.staged(stored))
        .filter(staged -> StagedCells.session(staged) == session)
        .isPresent();
  }

  /// Whether no cell is staged.
  public boolean isEmpty() {
    return names(new byte[0], 1).isEmpty();
  }

  /// Sees staged cells; answers whether to go on.
  @FunctionalInterface
  interface Visitor {
    boolean visit(byte[] name, byte[] staged);
  }

  /// Shows what is staged, in order of the stored names.
  ///
  /// @param from the first name wanted
  void entries(byte[] from, Visitor visitor) {
    staging.scan(
        Table.STAGE,
        Layout.staged(from),
        Layout.after(Layout.STAGED_CELLS),
        (key, staged) -> visitor.visit(Layout.stagedName(key), staged));
  }

  /// The stored names of staged cells, in order.
  ///
  /// @param from the first name wanted
  public List<byte[]> names(byte[] from, int limit) {
    var names = new ArrayList<byte[]>();
    entries(
        from,
        (name, _) -> {
          names.add(name);
          return names.size() < limit;
        });
    return names;
  }

  /// Reads replicas in full, and refuses those that have no number here.
  private ReplicaForm known(ReplicaForm form, Predicate<ReplicaId> enrols) {
    return new ReplicaForm() {
      @Override
      public void write(Encoder out, ReplicaId replica) {
        form.write(out, replica);
      }

      @Override
      public ReplicaId read(Decoder in) throws MalformedException {
        var replica = form.read(in);
        if (numbers.find(replica).isEmpty() && !enrols.test(replica)) {
          throw new MalformedException("a dot of a replica that was never heard of");
        }
        return replica;
      }
    };
  }
}
