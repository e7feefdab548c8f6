package io.starling.replica.batch;

import java.nio.ByteBuffer;
import java.util.List;

/// The first 128 bits of a SHA-256 over the chain hashes that a context names, in its order.
public record Commitment(long high, long low) {

  /// Length of the binary form in bytes.
  public static final int BYTES = 16;

  /// The commitment to no hash.
  public static final Commitment NONE = new Commitment(0, 0);

  /// The commitment to hashes in the order of the context's entries: the space's, then `_system`'s.
  public static Commitment to(List<ChainHash> hashes) {
    if (hashes.isEmpty()) {
      return NONE;
    }
    var sha256 = ChainHash.sha256();
    hashes.forEach(hash -> sha256.update(hash.bytes()));
    var digest = ByteBuffer.wrap(sha256.digest());
    return new Commitment(digest.getLong(), digest.getLong());
  }
}
