package io.starling.node.discovery;

/// A source of hints, started in the background: whoever makes it need not wait for it, and never
/// depends on it.
public interface Discovery extends AutoCloseable {

  /// How it is. Does not block.
  DiscoveryStatus status();

  /// Ends it; returns within a bounded time.
  @Override
  void close();

  /// Discovery that was not asked for.
  static Discovery off() {
    return new Discovery() {
      @Override
      public DiscoveryStatus status() {
        return DiscoveryStatus.OFF;
      }

      @Override
      public void close() {}
    };
  }
}
