package io.starling.replica.request;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.value.Value;
import java.util.List;
import java.util.Optional;

/// What a client asks to change. The engine checks it against what is there and turns it into
/// operations.
public sealed interface Mutation {

  Path path();

  /// Gives a register a value.
  record Set(Path path, Value value, ReadRule rule) implements Mutation {}

  record Increment(Path path, long amount) implements Mutation {}

  /// Enables or disables a flag.
  ///
  /// @param bias of the flag: which wins where both happen concurrently
  record SetFlag(Path path, boolean enabled, Bias bias) implements Mutation {
    /// Of a flag where enabling wins.
    public SetFlag(Path path, boolean enabled) {
      this(path, enabled, Bias.ADD);
    }
  }

  /// Adds an element to a set.
  ///
  /// @param bias of the set
  record AddElement(Path path, Value element, Bias bias) implements Mutation {
    /// To a set where additions win.
    public AddElement(Path path, Value element) {
      this(path, element, Bias.ADD);
    }
  }

  /// Removes an element from a set. Where removals win, also one that is not there: it may have
  /// been added elsewhere meanwhile.
  ///
  /// @param bias of the set
  record RemoveElement(Path path, Value element, Bias bias) implements Mutation {
    /// From a set where additions win.
    public RemoveElement(Path path, Value element) {
      this(path, element, Bias.ADD);
    }
  }

  /// Merges an object into the map at the path, field by field: objects recurse, anything else is
  /// assigned where it differs from what is there.
  ///
  /// @param nullRemoves whether null takes a field away (RFC 7396) or is assigned like any value
  record Merge(Path path, Value.Struct patch, boolean nullRemoves) implements Mutation {}

  /// Removes what is at the path and below.
  record Remove(Path path) implements Mutation {}

  /// Takes a counter back to what was counted without the reader's knowledge.
  ///
  /// @param seen what an earlier read showed; empty to reset what the node sees now
  record Reset(Path path, Optional<List<NamedTally>> seen) implements Mutation {}
}
