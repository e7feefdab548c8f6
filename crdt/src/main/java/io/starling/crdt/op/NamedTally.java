package io.starling.crdt.op;

import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import java.util.List;
import java.util.function.Predicate;

/// What the author of a removal or reset saw of one replica's share of a counter, and so kills.
///
/// @param seen of an increment; to have seen none is not worth naming
public record NamedTally(CellId.Share share, Tally seen) {

  public NamedTally {
    if (seen.equals(Tally.NONE)) {
      throw new IllegalArgumentException("a named tally that has counted nothing");
    }
  }

  /// A copy of the names of an operation that clears a path and all below it.
  static List<NamedTally> atAndBelow(Path path, List<NamedTally> seen) {
    return checked(seen, share -> path.isAtOrAbove(share.path()));
  }

  /// A copy of the names of an operation on the counter at a path.
  static List<NamedTally> at(Path path, List<NamedTally> seen) {
    return checked(seen, share -> path.equals(share.path()));
  }

  private static List<NamedTally> checked(
      List<NamedTally> seen, Predicate<CellId.Share> isInReach) {
    if (seen.size() > OperationEncoding.TALLIES_MAX) {
      throw new IllegalArgumentException(
          seen.size()
              + " tallies named; at most "
              + OperationEncoding.TALLIES_MAX
              + " are allowed");
    }
    for (int i = 0; i < seen.size(); i++) {
      var share = seen.get(i).share();
      if (!isInReach.test(share)) {
        throw new IllegalArgumentException("a tally named that the operation does not reach");
      }
      if (i > 0 && seen.get(i - 1).share().compareTo(share) >= 0) {
        throw new IllegalArgumentException("named tallies out of order");
      }
    }
    return List.copyOf(seen);
  }
}
