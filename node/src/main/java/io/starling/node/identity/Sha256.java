package io.starling.node.identity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The hash that fingerprints and cluster ids are cut from.
final class Sha256 {

  private Sha256() {}

  static byte[] of(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-256", impossible);
    }
  }
}
