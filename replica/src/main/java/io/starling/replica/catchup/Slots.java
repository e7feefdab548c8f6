package io.starling.replica.catchup;

import io.starling.crdt.cell.CellDigest;
import io.starling.replica.message.TransferEncoding;
import java.security.MessageDigest;

/// Where cells fall by the SHA-256 of their names: 65 536 buckets, 64 of which are a group, and in
/// each bucket up to 256 leaves by the bits that follow.
final class Slots {

  static final int BUCKETS = TransferEncoding.GROUPS * TransferEncoding.GROUP_BUCKETS;

  /// Leaves whose sums one session may hold on each side.
  static final long LEAVES_MAX = 1 << 18;

  private final MessageDigest sha256 = CellDigest.sha256();

  /// The bucket of a cell in the upper 16 of 24 bits, the most that tells its leaf in the rest.
  int slot(byte[] name) {
    return CellDigest.slot(sha256, name);
  }

  static int bucket(int slot) {
    return slot >>> TransferEncoding.LEAF_BITS_MAX;
  }

  static int leaf(int slot, int leafBits) {
    return (slot & 0xFF) >>> (TransferEncoding.LEAF_BITS_MAX - leafBits);
  }

  /// How many bits make leaves of about one cell, so that a leaf that differs brings little that
  /// does not, and all sums stay few enough.
  ///
  /// @param buckets that differ, or may
  static int leafBits(long cells, int buckets) {
    int bits = 0;
    while (bits < TransferEncoding.LEAF_BITS_MAX
        && (long) BUCKETS << bits < cells
        && (long) buckets << (bits + 1) <= LEAVES_MAX) {
      bits++;
    }
    return bits;
  }
}
