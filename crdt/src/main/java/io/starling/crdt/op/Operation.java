package io.starling.crdt.op;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import java.util.List;

/// What a replica did, as it is signed and sent: an intent, not an effect.
///
/// Its effect is one rule: in the cells it touches, every dot its context covers is replaced by its
/// own, or by none where it removes. What a counter counted goes only as far as the operation names
/// it ([NamedTally]), since a share keeps one total and not a dot for each increment. Tallies are
/// named in the order of their shares, each share once, at most [OperationEncoding#TALLIES_MAX]; an
/// operation that names others cannot be made.
public sealed interface Operation {

  /// Where.
  Path path();

  /// What counters at and below the path had counted when the author looked; empty for operations
  /// that remove nothing there.
  default List<NamedTally> seen() {
    return List.of();
  }

  /// Gives the register at the path a value. Replaces what the author saw there and below, of any
  /// type.
  record Assign(Path path, Value value, ReadRule rule, List<NamedTally> seen) implements Operation {
    public Assign {
      seen = NamedTally.atAndBelow(path, seen);
    }
  }

  /// Makes an empty map of the path. Replaces what the author saw there and below.
  record MakeMap(Path path, List<NamedTally> seen) implements Operation {
    public MakeMap {
      seen = NamedTally.atAndBelow(path, seen);
    }
  }

  /// Removes what the author saw at the path and below. What is written concurrently survives.
  record Remove(Path path, List<NamedTally> seen) implements Operation {
    public Remove {
      seen = NamedTally.atAndBelow(path, seen);
    }
  }

  /// Takes back what the author saw counted at the path, and no more.
  record Reset(Path path, List<NamedTally> seen) implements Operation {
    public Reset {
      seen = NamedTally.at(path, seen);
    }
  }

  /// Counts up, or down if negative.
  record Increment(Path path, long amount) implements Operation {}

  /// Enables a flag.
  record Enable(Path path, Bias bias) implements Operation {
    /// Enables a flag where a concurrent [Enable] wins.
    public Enable(Path path) {
      this(path, Bias.ADD);
    }
  }

  /// Disables a flag. Who wins against a concurrent [Enable], its bias says; flags of different
  /// bias at one path are different flags.
  record Disable(Path path, Bias bias) implements Operation {
    /// Disables a flag where a concurrent [Enable] wins.
    public Disable(Path path) {
      this(path, Bias.ADD);
    }
  }

  /// Adds an element to a set.
  record AddElement(Path path, Value element, Bias bias) implements Operation {
    /// Adds to a set where a concurrent [AddElement] wins.
    public AddElement(Path path, Value element) {
      this(path, element, Bias.ADD);
    }
  }

  /// Removes an element. Who wins against a concurrent [AddElement], its bias says; sets of
  /// different bias at one path are different sets.
  record RemoveElement(Path path, Value element, Bias bias) implements Operation {
    /// Removes from a set where a concurrent [AddElement] wins.
    public RemoveElement(Path path, Value element) {
      this(path, element, Bias.ADD);
    }
  }
}
