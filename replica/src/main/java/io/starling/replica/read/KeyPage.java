package io.starling.replica.read;

import java.util.List;

/// Keys in order, a page of them.
///
/// @param more whether keys follow; ask for those after the last one
public record KeyPage(List<String> keys, boolean more) {
  public KeyPage {
    keys = List.copyOf(keys);
  }
}
