package io.starling.replica.port;

import java.util.List;
import java.util.Optional;

/// Changes of a space's state that become durable and visible together, or not at all.
///
/// @param writes at most one for each key; ordered by table and key
public record Changes(List<Write> writes) {

  public Changes {
    writes = List.copyOf(writes);
  }

  /// One entry, put or taken out.
  ///
  /// @param value empty to take the entry out
  public record Write(Table table, byte[] key, Optional<byte[]> value) {}
}
