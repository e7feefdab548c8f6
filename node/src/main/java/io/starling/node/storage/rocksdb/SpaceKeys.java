package io.starling.node.storage.rocksdb;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// The keys of one space inside a table: its number, four bytes, before each.
record SpaceKeys(int number) {

  static final int PREFIX_BYTES = Integer.BYTES;

  byte[] key(byte[] key) {
    return ByteBuffer.allocate(PREFIX_BYTES + key.length).putInt(number).put(key).array();
  }

  /// Where a scan ends, exclusive; an empty key stands for the end of the space.
  byte[] end(byte[] to) {
    return to.length > 0 ? key(to) : ByteBuffer.allocate(PREFIX_BYTES).putInt(number + 1).array();
  }

  static byte[] strip(byte[] stored) {
    return Arrays.copyOfRange(stored, PREFIX_BYTES, stored.length);
  }
}
