package io.starling.node.watch;

import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;

/// Is told what becomes of watches. Called on many threads; must not block.
public interface WatchMeter {

  /// A watcher was told to begin again with the state.
  default void resynced(WatchEvent.Cause cause) {}

  /// A watch ended by itself.
  default void watchEnded(Watch.End end) {}
}
