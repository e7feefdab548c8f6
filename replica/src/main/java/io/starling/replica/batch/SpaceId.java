package io.starling.replica.batch;

import io.starling.crdt.encoding.Encoder;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// The name of a space inside signed bytes: a hash of its cluster, its name and how often the name
/// was given before.
///
/// It follows from the name, so two nodes that create one space while apart have created the same.
public record SpaceId(long high, long low) implements Comparable<SpaceId> {

  /// Length of the binary form in bytes.
  public static final int BYTES = 16;

  /// The space that holds members, spaces, roles and configuration.
  public static final String SYSTEM = "_system";

  /// The space that every cluster has from the start.
  public static final String MAIN = "main";

  /// The id of a space.
  ///
  /// @param generation how many spaces of this name were dropped before it
  public static SpaceId of(ClusterId cluster, String name, long generation) {
    var preimage = new Encoder().text("starling/space/1").u64(cluster.high()).u64(cluster.low());
    var hash =
        ByteBuffer.wrap(
            ChainHash.sha256().digest(preimage.text(name).varint(generation).toBytes()));
    return new SpaceId(hash.getLong(), hash.getLong());
  }

  /// Reads what [#toString()] wrote.
  ///
  /// @throws IllegalArgumentException if it is no such thing
  public static SpaceId parse(String hex) {
    if (hex.length() != 2 * BYTES
        || !HexFormat.of().formatHex(HexFormat.of().parseHex(hex)).equals(hex)) {
      throw new IllegalArgumentException("a space's id is 32 hexadecimal digits, not " + hex);
    }
    return new SpaceId(
        HexFormat.fromHexDigitsToLong(hex, 0, BYTES),
        HexFormat.fromHexDigitsToLong(hex, BYTES, 2 * BYTES));
  }

  @Override
  public int compareTo(SpaceId that) {
    int order = Long.compareUnsigned(high, that.high);
    return order != 0 ? order : Long.compareUnsigned(low, that.low);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
