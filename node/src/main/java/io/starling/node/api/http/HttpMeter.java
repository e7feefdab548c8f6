package io.starling.node.api.http;

import java.time.Duration;

/// Is told of every request that was answered. Called on many threads; must not block.
@FunctionalInterface
public interface HttpMeter {

  /// @param route the template of the route, or a word for what had none
  void answered(String route, String method, int status, Duration took);
}
