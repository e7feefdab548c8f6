package io.starling.replica.port;

import java.util.Optional;

/// Reads a space's state: either the durable state as it is now, or a snapshot of it.
///
/// The engine's own port shows exactly the effects of every [Changes] it has ordered so far, and
/// nothing else. Implementations fail by throwing [StorageFailure]; the engine lets it pass.
public interface StatePort {

  /// The bytes under a key. The caller does not change them.
  Optional<byte[]> get(Table table, byte[] key);

  /// Shows entries in ascending order of their keys until the visitor has enough.
  ///
  /// @param from the first key, inclusive
  /// @param to where to stop, exclusive; empty for the end of the table
  void scan(Table table, byte[] from, byte[] to, Visitor visitor);

  /// Whether a table has no entry.
  default boolean isEmpty(Table table) {
    boolean[] isEmpty = {true};
    scan(
        table,
        new byte[0],
        new byte[0],
        (_, _) -> {
          isEmpty[0] = false;
          return false;
        });
    return isEmpty[0];
  }

  /// Sees entries in order.
  @FunctionalInterface
  interface Visitor {
    /// Takes an entry.
    ///
    /// @return whether to go on
    boolean visit(byte[] key, byte[] value);
  }
}
