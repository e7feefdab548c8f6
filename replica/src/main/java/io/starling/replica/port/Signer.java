package io.starling.replica.port;

/// Signs with the node's key. Deterministic: equal bytes, equal signature (RFC 8032).
@FunctionalInterface
public interface Signer {

  /// @return 64 bytes
  byte[] sign(byte[] message);
}
