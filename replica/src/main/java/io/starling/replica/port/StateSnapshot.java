package io.starling.replica.port;

/// The state of a space at one moment. Many threads may read it; it is closed when none does any
/// more. Closing twice is harmless.
public interface StateSnapshot extends StatePort, AutoCloseable {

  @Override
  void close();
}
