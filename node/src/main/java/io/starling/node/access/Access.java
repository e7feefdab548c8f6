package io.starling.node.access;

import java.util.Optional;

/// Tells who bears a token. Safe to use from any thread.
@FunctionalInterface
public interface Access {

  /// The principal of a bearer token `st_ID_SECRET`; empty if there is no such token, whatever is
  /// wrong with it. May read the store; never waits for the network.
  ///
  /// @throws io.starling.replica.port.StorageFailure if the tokens cannot be read
  Optional<Principal> authenticate(String token);
}
