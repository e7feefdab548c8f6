package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/// Fresh replica ids for one key, drawn from the entropy of a start.
final class Incarnations {

  private final KeyFingerprint key;
  private final byte[] entropy;
  private int drawn;
  private ReplicaId current;

  Incarnations(KeyFingerprint key, byte[] entropy) {
    if (entropy.length != 32) {
      throw new IllegalArgumentException("32 bytes of entropy, not " + entropy.length);
    }
    this.key = key;
    this.entropy = entropy.clone();
    this.current = draw();
  }

  ReplicaId current() {
    return current;
  }

  /// Ends the current incarnation: the next local write happens under a new one.
  void renew() {
    current = draw();
  }

  /// For choices that need not be secret.
  SplittableRandom random() {
    return new SplittableRandom(hash("random"));
  }

  private ReplicaId draw() {
    drawn++;
    return new ReplicaId(key, hash("incarnation " + drawn));
  }

  private long hash(String purpose) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(entropy);
      sha256.update(purpose.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(sha256.digest()).getLong();
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-256", impossible);
    }
  }
}
