package io.starling.simulation.network;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.port.Signer;
import io.starling.simulation.chance.Draws;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/// The keys of all nodes. A signature is the SHA-512 of the node's secret and the message: 64 bytes
/// that nobody without the secret can make, at a fraction of the cost of Ed25519, which is tested
/// where it is used.
public final class Keyring {

  private static final int SECRET_BYTES = 32;

  private final List<KeyFingerprint> keys = new ArrayList<>();
  private final List<byte[]> secrets = new ArrayList<>();

  public Keyring(int nodes, Draws draws) {
    for (int node = 0; node < nodes; node++) {
      keys.add(new KeyFingerprint(draws.bits(), draws.bits()));
      secrets.add(draws.bytes(SECRET_BYTES));
    }
  }

  /// How many nodes there are.
  public int size() {
    return keys.size();
  }

  /// The key of a node.
  public KeyFingerprint key(int node) {
    return keys.get(node);
  }

  /// The node of a key, or -1 if no node has it.
  public int node(KeyFingerprint key) {
    return keys.indexOf(key);
  }

  /// Signs as a node.
  public Signer signer(int node) {
    byte[] secret = secrets.get(node);
    return message -> signature(secret, message);
  }

  /// Whether the holder of the key made the signature.
  public boolean verify(KeyFingerprint key, byte[] message, byte[] signature) {
    int node = node(key);
    return node >= 0 && MessageDigest.isEqual(signature(secrets.get(node), message), signature);
  }

  private static byte[] signature(byte[] secret, byte[] message) {
    try {
      var sha512 = MessageDigest.getInstance("SHA-512");
      sha512.update(secret);
      return sha512.digest(message);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-512", impossible);
    }
  }
}
