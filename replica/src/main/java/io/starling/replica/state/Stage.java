package io.starling.replica.state;

import io.starling.crdt.cell.CanonicalCell;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.List;

/// What another member has sent of its state, beside the cells: neither read nor summed up until it
/// goes live.
public final class Stage {

  private final Staging staging;
  private final ReplicaNumbers numbers;

  Stage(Staging staging, ReplicaNumbers numbers) {
    this.staging = staging;
    this.numbers = numbers;
  }

  /// Stages a cell, whose replicas have numbers.
  ///
  /// @param session in which it came
  public void put(int session, CanonicalCell cell) {
    put(session, numbers.name(cell), numbers.content(cell));
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
}
