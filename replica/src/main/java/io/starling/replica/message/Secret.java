package io.starling.replica.message;

import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellHash;
import io.starling.crdt.encoding.Encoder;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// A random number that a donor does not know, under which others sum up what they have: a sum of
/// plain hashes can be steered by who picks what is summed up (Wagner, A Generalized Birthday
/// Problem, 2002), a sum of keyed ones cannot by who does not know the key (Clarke et al.,
/// Incremental Multiset Hash Functions, 2003).
public record Secret(long high, long low) {

  /// The secret of a session.
  ///
  /// @param entropy random bytes that nobody else knows
  public static Secret of(byte[] entropy, long session) {
    var sha256 = CellDigest.sha256();
    sha256.update(entropy);
    var hash = ByteBuffer.wrap(sha256.digest(new Encoder().text("attest").u64(session).toBytes()));
    return new Secret(hash.getLong(), hash.getLong());
  }

  /// Makes digests of many cells: each as [#digest] makes it.
  public CellHash cells() {
    return new CellHash(high, low);
  }

  /// The digest of something with a name.
  ///
  /// @param sha256 that the caller keeps for many
  public CellDigest digest(MessageDigest sha256, byte[] name, byte[] content) {
    sha256.update(new Encoder(2 * Long.BYTES).u64(high).u64(low).toBytes());
    return CellDigest.of(sha256, name, content);
  }
}
