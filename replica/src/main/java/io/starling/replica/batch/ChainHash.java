package io.starling.replica.batch;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The SHA-256 of a batch's body. The body holds the hash of the batch before, so the hash names a
/// whole chain.
public record ChainHash(long first, long second, long third, long fourth)
    implements Comparable<ChainHash> {

  /// Length of the binary form in bytes.
  public static final int BYTES = 32;

  /// What the first batch of a replica names as its predecessor.
  public static final ChainHash ROOT = new ChainHash(0, 0, 0, 0);

  private static final byte[] DOMAIN = "starling/chain/1\0".getBytes(StandardCharsets.UTF_8);

  /// The hash of a batch's body.
  public static ChainHash of(byte[] body) {
    var sha256 = sha256();
    sha256.update(DOMAIN);
    return ofBytes(sha256.digest(body));
  }

  /// The hash whose binary form is given.
  ///
  /// @throws java.nio.BufferUnderflowException if there are fewer than 32 bytes
  public static ChainHash ofBytes(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes);
    return new ChainHash(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  /// Reads 32 bytes.
  public static ChainHash read(Decoder in) throws MalformedException {
    return new ChainHash(in.u64(), in.u64(), in.u64(), in.u64());
  }

  public void write(Encoder out) {
    out.u64(first).u64(second).u64(third).u64(fourth);
  }

  @Override
  public int compareTo(ChainHash that) {
    return HexFormat.of().formatHex(bytes()).compareTo(HexFormat.of().formatHex(that.bytes()));
  }

  /// The binary form.
  public byte[] bytes() {
    var out = new Encoder(BYTES);
    write(out);
    return out.toBytes();
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-256", impossible);
    }
  }
}
