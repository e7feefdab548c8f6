package io.starling.replica.batch;

import java.util.HexFormat;

/// The name of a cluster: the first 128 bits of the SHA-256 of its authority's public key.
public record ClusterId(long high, long low) {

  /// Length of the binary form in bytes.
  public static final int BYTES = 16;

  /// Reads the 32 hexadecimal digits that [#toString()] prints.
  ///
  /// @throws IllegalArgumentException if the text has another form
  public static ClusterId parse(String hex) {
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException("a cluster id has 32 hexadecimal digits: " + hex);
    }
    return new ClusterId(
        HexFormat.fromHexDigitsToLong(hex, 0, BYTES),
        HexFormat.fromHexDigitsToLong(hex, BYTES, 2 * BYTES));
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
