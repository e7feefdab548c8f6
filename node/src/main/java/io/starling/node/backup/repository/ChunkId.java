package io.starling.node.backup.repository;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import java.util.HexFormat;

/// The name of a chunk: a hash of what is in it, 256 bits.
public record ChunkId(long a, long b, long c, long d) {

  /// Length of the binary form in bytes.
  public static final int BYTES = 32;

  static final String PREFIX = "chunks/";

  /// The name that 32 bytes are.
  public static ChunkId of(byte[] hash) {
    try {
      var in = new Decoder(hash);
      var id = read(in);
      in.finish();
      return id;
    } catch (MalformedException wrong) {
      throw new IllegalArgumentException("a chunk's name has 32 bytes", wrong);
    }
  }

  /// Reads what [#write(Encoder)] wrote.
  public static ChunkId read(Decoder in) throws MalformedException {
    return new ChunkId(in.u64(), in.u64(), in.u64(), in.u64());
  }

  public void write(Encoder out) {
    out.u64(a).u64(b).u64(c).u64(d);
  }

  /// Reads the 64 hexadecimal digits that [#toString()] prints.
  ///
  /// @throws IllegalArgumentException if the text has another form
  public static ChunkId parse(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /// Where it is kept.
  String blob() {
    var hex = toString();
    return PREFIX + hex.substring(0, 2) + "/" + hex;
  }

  @Override
  public String toString() {
    var hex = HexFormat.of();
    return hex.toHexDigits(a) + hex.toHexDigits(b) + hex.toHexDigits(c) + hex.toHexDigits(d);
  }
}
