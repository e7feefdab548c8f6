package io.starling.replica.port;

import java.util.List;
import java.util.Optional;

/// Changes of a space's state that become durable and visible together, or not at all.
///
/// @param fresh what becomes of the fresh tables, before anything is written
/// @param writes at most one for each key; ordered by table and key
public record Changes(Fresh fresh, List<Write> writes) {

  public Changes {
    writes = List.copyOf(writes);
  }

  /// Changes that leave the fresh tables where they are.
  public Changes(List<Write> writes) {
    this(Fresh.KEPT, writes);
  }

  /// What becomes of the fresh tables ([Table#isFresh()]).
  public enum Fresh {
    /// They stay.
    KEPT,
    /// They are empty.
    CLEARED,
    /// They take the place of those that are not fresh, whose content is gone, and are empty. Costs
    /// a store little, however much they hold.
    PROMOTED
  }

  /// One entry, put or taken out.
  ///
  /// @param value empty to take the entry out
  public record Write(Table table, byte[] key, Optional<byte[]> value) {}
}
