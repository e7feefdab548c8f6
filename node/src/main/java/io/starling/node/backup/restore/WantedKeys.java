package io.starling.node.backup.restore;

import io.starling.crdt.read.View;
import java.io.IOException;
import java.util.Optional;

/// Keys in the order of their UTF-8, each with what it is to read.
public interface WantedKeys {

  /// Most cells, or elements and fields, that one key is put together from.
  int PARTS_MAX = 2_000_000;

  /// Sees keys that have a value.
  @FunctionalInterface
  interface Visitor {
    /// @param obstacle why the view is not whole; empty if it is
    void see(String key, View view, Optional<String> obstacle) throws IOException;
  }

  /// Shows the keys that begin with a prefix.
  ///
  /// @throws IOException if they cannot be read to their end: what was not shown is not known to be
  ///   absent
  void beginning(String prefix, Visitor visitor) throws IOException;
}
