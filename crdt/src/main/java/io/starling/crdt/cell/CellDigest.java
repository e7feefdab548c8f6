package io.starling.crdt.cell;

import io.starling.crdt.encoding.Encoder;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A sum over a multiset of cells, modulo 2¹²⁸: equal sets, equal sums, in any order of change.
///
/// Each cell counts with the first 128 bits of the SHA-256 of its canonical name and content. The
/// sum detects errors and finds differences. It is no defence against someone who picks the cells:
/// sums of hashes can be steered (Wagner, A Generalized Birthday Problem, 2002).
public record CellDigest(long high, long low) {

  /// The sum over no cell.
  public static final CellDigest ZERO = new CellDigest(0, 0);

  /// Length of the binary form in bytes.
  public static final int BYTES = 16;

  /// The digest of one cell.
  ///
  /// @param id the canonical bytes of its name
  /// @param content the canonical bytes of its content, not empty
  public static CellDigest of(byte[] id, byte[] content) {
    return of(sha256(), id, content);
  }

  /// The digest of one cell, by a SHA-256 that the caller keeps for many.
  public static CellDigest of(MessageDigest sha256, byte[] id, byte[] content) {
    // In one piece: as often as it is made, each further one would count.
    var bytes = new Encoder(id.length + content.length + 10).bytes(id).raw(content).toBytes();
    var hash = ByteBuffer.wrap(sha256.digest(bytes));
    return new CellDigest(hash.getLong(), hash.getLong());
  }

  /// Where a cell falls in sums of some of all cells: the first 24 bits of the SHA-256 of its name.
  public static int slot(MessageDigest sha256, byte[] id) {
    byte[] hash = sha256.digest(id);
    return (hash[0] & 0xFF) << 16 | (hash[1] & 0xFF) << 8 | (hash[2] & 0xFF);
  }

  public CellDigest plus(CellDigest that) {
    long sum = low + that.low;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return new CellDigest(high + that.high + carry, sum);
  }

  public CellDigest minus(CellDigest that) {
    long borrow = Long.compareUnsigned(low, that.low) < 0 ? 1 : 0;
    return new CellDigest(high - that.high - borrow, low - that.low);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }

  /// A new SHA-256.
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-256", impossible);
    }
  }
}
