package io.starling.simulation.network;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.port.Signer;
import io.starling.simulation.chance.Draws;
import java.util.ArrayList;
import java.util.List;

/// The keys of all nodes, whose names are drawn, whatever they sign with.
public final class Keyring {

  private static final int SECRET_BYTES = 32;

  private final List<KeyFingerprint> keys = new ArrayList<>();
  private final List<Signatures.Holder> holders = new ArrayList<>();

  public Keyring(int nodes, Signatures signatures, Draws draws) {
    for (int node = 0; node < nodes; node++) {
      keys.add(new KeyFingerprint(draws.bits(), draws.bits()));
      holders.add(signatures.holder(draws.bytes(SECRET_BYTES)));
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
    return holders.get(node)::sign;
  }

  /// Whether the holder of the key made the signature.
  public boolean verify(KeyFingerprint key, byte[] message, byte[] signature) {
    int node = node(key);
    return node >= 0 && holders.get(node).verify(message, signature);
  }
}
