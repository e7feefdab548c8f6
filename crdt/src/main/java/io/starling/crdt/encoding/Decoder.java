package io.starling.crdt.encoding;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A reader of what [Encoder] writes. Accepts canonical bytes only: a varint that is longer than
/// need be, broken UTF-8 and a length beyond the end are [MalformedException]s.
///
/// Never allocates more than the input is long. Not thread-safe.
public final class Decoder {

  private final byte[] bytes;
  private final int end;
  private int at;

  public Decoder(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  public Decoder(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.at = from;
    this.end = from + length;
  }

  /// Bytes not read yet.
  public int remaining() {
    return end - at;
  }

  /// Position of the next byte in the array given.
  public int position() {
    return at;
  }

  /// Checks that everything was read.
  public void finish() throws MalformedException {
    if (at != end) {
      throw new MalformedException(remaining() + " bytes after the end");
    }
  }

  public int u8() throws MalformedException {
    need(1);
    return bytes[at++] & 0xFF;
  }

  public int u16() throws MalformedException {
    return u8() << 8 | u8();
  }

  public int u32() throws MalformedException {
    need(Integer.BYTES);
    at += Integer.BYTES;
    return (int) Encoder.INT.get(bytes, at - Integer.BYTES);
  }

  public long u64() throws MalformedException {
    need(Long.BYTES);
    at += Long.BYTES;
    return (long) Encoder.LONG.get(bytes, at - Long.BYTES);
  }

  public long varint() throws MalformedException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = u8();
      value |= (long) (next & 0x7F) << shift;
      if ((next & 0x80) == 0) {
        boolean tooLong = next == 0 && shift > 0;
        boolean tooLarge = shift == 63 && next > 1;
        if (tooLong || tooLarge) {
          throw new MalformedException("a varint not in its shortest form");
        }
        return value;
      }
    }
    throw new MalformedException("a varint of more than ten bytes");
  }

  public long signed() throws MalformedException {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  /// A varint from 0 to `max`.
  public int count(int max, String what) throws MalformedException {
    long value = varint();
    if (value < 0 || value > max) {
      throw new MalformedException(
          Long.toUnsignedString(value) + " " + what + ", at most " + max + " are allowed");
    }
    return (int) value;
  }

  /// A varint from 1 to 2⁶³-1.
  public long seq() throws MalformedException {
    long value = varint();
    if (value < 1) {
      throw new MalformedException("a seq outside 1 to 2^63-1");
    }
    return value;
  }

  public byte[] raw(int length) throws MalformedException {
    need(length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /// All bytes not read yet.
  public byte[] rest() throws MalformedException {
    return raw(remaining());
  }

  public byte[] bytes() throws MalformedException {
    return raw(count(remaining(), "bytes"));
  }

  /// Copies a length and as many bytes as they are.
  public void bytesTo(Encoder out) throws MalformedException {
    int length = count(remaining(), "bytes");
    need(length);
    out.varint(length).raw(bytes, at, length);
    at += length;
  }

  /// A reader of as many bytes as a length says, which are passed over here.
  public Decoder within() throws MalformedException {
    int length = count(remaining(), "bytes");
    need(length);
    at += length;
    return new Decoder(bytes, at - length, length);
  }

  /// Passes over all bytes not read yet, which must be well-formed UTF-8.
  public void skipUtf8() throws MalformedException {
    if (!isAscii(bytes, at, end)) {
      utf8(rest());
    }
    at = end;
  }

  public String text() throws MalformedException {
    return utf8(bytes());
  }

  /// The text of bytes that must be well-formed UTF-8.
  public static String utf8(byte[] bytes) throws MalformedException {
    if (isAscii(bytes, 0, bytes.length)) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException broken) {
      throw new MalformedException("text that is not UTF-8", broken);
    }
  }

  /// Whether all bytes from one place to another are ASCII, and so well-formed UTF-8.
  public static boolean isAscii(byte[] bytes, int from, int to) {
    int at = from;
    for (; to - at >= Long.BYTES; at += Long.BYTES) {
      if (((long) Encoder.LONG.get(bytes, at) & 0x8080808080808080L) != 0) {
        return false;
      }
    }
    for (; at < to; at++) {
      if (bytes[at] < 0) {
        return false;
      }
    }
    return true;
  }

  public KeyFingerprint fingerprint() throws MalformedException {
    return new KeyFingerprint(u64(), u64());
  }

  public ReplicaId replica() throws MalformedException {
    return new ReplicaId(fingerprint(), u64());
  }

  public Dot dot(ReplicaForm replicas) throws MalformedException {
    var replica = replicas.read(this);
    long seq = seq();
    return new Dot(replica, seq, count(Integer.MAX_VALUE, "as index"));
  }

  private void need(int length) throws MalformedException {
    if (length > remaining()) {
      throw new MalformedException("the end came " + (length - remaining()) + " bytes too soon");
    }
  }
}
