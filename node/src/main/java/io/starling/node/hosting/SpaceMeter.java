package io.starling.node.hosting;

import io.starling.node.loop.LoopObserver;
import io.starling.node.space.Level;
import io.starling.node.watch.WatchMeter;

/// Measures one space. What a loop does comes on its thread, everything else on many; nothing here
/// may block.
public interface SpaceMeter extends LoopObserver, WatchMeter {

  /// A client was answered how far its token is acknowledged.
  default void levelAnswered(Level level, boolean isReached) {}

  /// This node has signed that something is durable here, for a client's receipt.
  default void receiptSigned() {}

  /// The space is here no longer: nothing is measured any more, and what was is not told again.
  default void forget() {}
}
