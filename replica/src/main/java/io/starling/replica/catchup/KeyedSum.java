package io.starling.replica.catchup;

import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellHash;
import io.starling.replica.message.Secret;
import io.starling.replica.port.StatePort;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;

/// The sum of all cells of a state under a secret, made some at a time: by a scan, or from the sum
/// of another state by what was changed there.
final class KeyedSum {

  // Cells that are looked at in one go.
  private static final int STEP = 2_000;

  private final CellHash underSecret;
  private final Source source;
  private CellDigest sum;
  private CellDigest plain = CellDigest.ZERO;

  private sealed interface Source {
    record Scan(CellWalk walk) implements Source {}

    /// @param names of cells that were changed, as the store has them
    record Change(CellWalk before, CellWalk after, Deque<byte[]> names) implements Source {}
  }

  KeyedSum(Secret secret, StatePort state) {
    this.underSecret = secret.cells();
    this.source = new Source.Scan(new CellWalk(state));
    this.sum = CellDigest.ZERO;
  }

  /// @param known the sum of what was before
  /// @param changed stored names of the cells that are not the same
  KeyedSum(
      Secret secret,
      CellDigest known,
      StatePort before,
      StatePort after,
      Collection<byte[]> changed) {
    this.underSecret = secret.cells();
    this.source =
        new Source.Change(new CellWalk(before), new CellWalk(after), new ArrayDeque<>(changed));
    this.sum = known;
  }

  /// Looks at some more.
  ///
  /// @return whether that was all
  boolean some() {
    return switch (source) {
      case Source.Scan(var walk) -> scan(walk);
      case Source.Change(var before, var after, var names) -> change(before, after, names);
    };
  }

  private boolean scan(CellWalk walk) {
    walk.some(
        STEP,
        cell -> {
          sum = sum.plus(keyed(cell));
          plain = plain.plus(underSecret.plain());
          return true;
        });
    return walk.isDone();
  }

  private boolean change(CellWalk before, CellWalk after, Deque<byte[]> names) {
    for (int i = 0; i < STEP && !names.isEmpty(); i++) {
      byte[] name = names.removeFirst();
      before.at(name).ifPresent(cell -> sum = sum.minus(keyed(cell)));
      after.at(name).ifPresent(cell -> sum = sum.plus(keyed(cell)));
    }
    return names.isEmpty();
  }

  private CellDigest keyed(CellWalk.Walked cell) {
    return cell.keyed(underSecret);
  }

  CellDigest sum() {
    return sum;
  }

  /// The sum without the secret, as it is kept; only by a scan.
  CellDigest plain() {
    return plain;
  }
}
