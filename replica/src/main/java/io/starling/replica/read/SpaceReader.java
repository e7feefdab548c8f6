package io.starling.replica.read;

import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import java.util.Optional;

/// Reads a space at one version vector. Not thread-safe; as consistent as its port.
public final class SpaceReader {

  /// Cells that one view may be put together from; a larger value is read by its parts.
  public static final int CELLS_MAX = 100_000;

  private final StatePort state;

  public SpaceReader(StatePort state) {
    this.state = state;
  }

  /// The vector that this reader shows.
  public Token token() {
    throw new UnsupportedOperationException(state.toString());
  }

  /// What is at a path.
  ///
  /// @param elementsMax elements of each set to read, from the first on
  /// @throws TooLargeException if more than [#CELLS_MAX] cells would be read
  public View view(Path path, int elementsMax) {
    throw new UnsupportedOperationException(path.toString() + elementsMax);
  }

  /// A page of a set's elements.
  ///
  /// @param after the element before the first wanted; empty for the first page
  public View.Elements elements(Path path, Optional<Value> after, int limit) {
    throw new UnsupportedOperationException(path.toString() + after + limit);
  }

  /// A page of the keys that begin with a prefix and have a value.
  ///
  /// @param after the key before the first wanted; empty for the first page
  public KeyPage keys(String prefix, String after, int limit) {
    throw new UnsupportedOperationException(prefix + after + limit);
  }
}
