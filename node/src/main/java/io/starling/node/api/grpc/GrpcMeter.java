package io.starling.node.api.grpc;

import java.time.Duration;

/// Is told of every call that has ended. Called on many threads; must not block.
@FunctionalInterface
public interface GrpcMeter {

  /// @param method one that the server has, `package.Service/Method`
  /// @param code the status it ended with
  void answered(String method, String code, Duration took);
}
