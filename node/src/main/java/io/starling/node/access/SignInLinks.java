package io.starling.node.access;

import java.util.Optional;

/// Single-use codes in the links by which a browser signs in. Safe to use from any thread.
@FunctionalInterface
public interface SignInLinks {

  /// Takes a code and ends it; empty if there is no such code, or no longer.
  Optional<Principal> redeem(String code);
}
