package io.starling.crdt.encoding;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/// A growing buffer of canonical bytes: equal values in equal order give equal bytes.
///
/// Numbers are big-endian; a varint is base 128, lowest group first, in its shortest form. Not
/// thread-safe.
public final class Encoder {

  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int CAPACITY = 64;

  // Of the room of one that is used again: one long content must not be paid for ever after.
  private static final int KEPT_MAX = 64 * 1024;

  private byte[] buffer;
  private int size;

  public Encoder() {
    this(CAPACITY);
  }

  public Encoder(int capacity) {
    buffer = new byte[Math.max(capacity, 16)];
  }

  /// Bytes written so far.
  public int size() {
    return size;
  }

  /// Forgets what was written; the room stays, unless it had to grow beyond the usual.
  public Encoder clear() {
    size = 0;
    if (buffer.length > KEPT_MAX) {
      buffer = new byte[CAPACITY];
    }
    return this;
  }

  /// Feeds a hash with the bytes written so far, from a place on.
  public void update(MessageDigest hash, int from) {
    hash.update(buffer, from, size - from);
  }

  /// A copy of the bytes written so far.
  public byte[] toBytes() {
    return Arrays.copyOf(buffer, size);
  }

  public Encoder u8(int value) {
    reserve(1);
    buffer[size++] = (byte) value;
    return this;
  }

  /// Two bytes, the lower 16 bits of the value.
  public Encoder u16(int value) {
    return u8(value >>> 8).u8(value);
  }

  public Encoder u32(int value) {
    reserve(Integer.BYTES);
    INT.set(buffer, size, value);
    size += Integer.BYTES;
    return this;
  }

  public Encoder u64(long value) {
    reserve(Long.BYTES);
    LONG.set(buffer, size, value);
    size += Long.BYTES;
    return this;
  }

  /// An unsigned varint of one to ten bytes.
  public Encoder varint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      buffer[size++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
    return this;
  }

  /// A signed number as a zigzag varint: small magnitudes are short.
  public Encoder signed(long value) {
    return varint((value << 1) ^ (value >> 63));
  }

  public Encoder raw(byte[] bytes) {
    return raw(bytes, 0, bytes.length);
  }

  public Encoder raw(byte[] bytes, int from, int length) {
    reserve(length);
    System.arraycopy(bytes, from, buffer, size, length);
    size += length;
    return this;
  }

  /// A varint length, then the bytes.
  public Encoder bytes(byte[] bytes) {
    return varint(bytes.length).raw(bytes);
  }

  /// A varint length in bytes, then the text in UTF-8.
  public Encoder text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  public Encoder fingerprint(KeyFingerprint key) {
    return u64(key.high()).u64(key.low());
  }

  public Encoder replica(ReplicaId replica) {
    return fingerprint(replica.key()).u64(replica.incarnation());
  }

  /// Replica, seq and index, the replica as `replicas` writes it.
  public Encoder dot(Dot dot, ReplicaForm replicas) {
    replicas.write(this, dot.replica());
    return varint(dot.seq()).varint(dot.index());
  }

  private void reserve(int more) {
    if (buffer.length - size < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + more));
    }
  }
}
