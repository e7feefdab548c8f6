package io.starling.replica.read;

import java.util.List;
import java.util.Optional;

/// Keys of a type in order, a page of them.
///
/// @param after the last key that was looked at, of whatever type; empty if none follows
public record TypedPage(List<String> keys, Optional<String> after) {
  public TypedPage {
    keys = List.copyOf(keys);
  }
}
