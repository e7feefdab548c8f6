package io.starling.crdt.causal;

import java.util.HexFormat;

/// One incarnation of one store: the node key it belongs to and a number drawn afresh at every
/// start.
///
/// A machine is not a replica. A store that was restored, cloned or rolled back would use dots
/// again that it has used before, and so destroy every data type built on them; a new incarnation
/// at each start makes that impossible without anyone having to notice.
public record ReplicaId(KeyFingerprint key, long incarnation) implements Comparable<ReplicaId> {

  /// Length of the binary form in bytes.
  public static final int BYTES = KeyFingerprint.BYTES + Long.BYTES;

  /// Reads what [#toString()] prints: fingerprint, hyphen, incarnation, all hexadecimal.
  ///
  /// @throws IllegalArgumentException if the text has another form
  public static ReplicaId parse(String text) {
    int hyphen = text.indexOf('-');
    if (hyphen < 0 || text.length() != hyphen + 1 + 2 * Long.BYTES) {
      throw new IllegalArgumentException("a replica id is FINGERPRINT-INCARNATION: " + text);
    }
    return new ReplicaId(
        KeyFingerprint.parse(text.substring(0, hyphen)),
        HexFormat.fromHexDigitsToLong(text, hyphen + 1, text.length()));
  }

  @Override
  public int compareTo(ReplicaId that) {
    int order = key.compareTo(that.key);
    return order != 0 ? order : Long.compareUnsigned(incarnation, that.incarnation);
  }

  @Override
  public String toString() {
    return key + "-" + HexFormat.of().toHexDigits(incarnation);
  }
}
