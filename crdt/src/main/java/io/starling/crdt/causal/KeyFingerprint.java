package io.starling.crdt.causal;

import java.util.HexFormat;

/// The first 128 bits of the SHA-256 of a node's Ed25519 public key: what names a node for ever.
///
/// Ordered as unsigned big-endian bytes.
public record KeyFingerprint(long high, long low) implements Comparable<KeyFingerprint> {

  /// Length of the binary form in bytes.
  public static final int BYTES = 16;

  /// Reads the 32 lower- or upper-case hexadecimal digits that [#toString()] prints.
  ///
  /// @throws IllegalArgumentException if the text has another form
  public static KeyFingerprint parse(String hex) {
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException("a key fingerprint has 32 hexadecimal digits: " + hex);
    }
    return new KeyFingerprint(
        HexFormat.fromHexDigitsToLong(hex, 0, BYTES),
        HexFormat.fromHexDigitsToLong(hex, BYTES, 2 * BYTES));
  }

  @Override
  public int compareTo(KeyFingerprint that) {
    int order = Long.compareUnsigned(high, that.high);
    return order != 0 ? order : Long.compareUnsigned(low, that.low);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
