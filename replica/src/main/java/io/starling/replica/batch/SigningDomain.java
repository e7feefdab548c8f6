package io.starling.replica.batch;

import io.starling.crdt.encoding.Encoder;

/// What is put before bytes that are signed, so that a signature given for one purpose, space or
/// cluster is none for another.
public final class SigningDomain {

  private SigningDomain() {}

  /// The bytes to sign for a batch's body.
  public static byte[] batch(ClusterId cluster, SpaceId space, byte[] body) {
    return domain("starling/batch/1", cluster, space, body);
  }

  /// The bytes to sign for a beacon's body.
  public static byte[] beacon(ClusterId cluster, SpaceId space, byte[] body) {
    return domain("starling/beacon/1", cluster, space, body);
  }

  /// The bytes to sign for an acknowledgement's body.
  public static byte[] acknowledgement(ClusterId cluster, SpaceId space, byte[] body) {
    return domain("starling/acknowledgement/1", cluster, space, body);
  }

  /// The bytes that the authority signs for a revocation, which concerns all spaces.
  public static byte[] revocation(ClusterId cluster, byte[] body) {
    return domain("starling/revocation/1", cluster, new SpaceId(0, 0), body);
  }

  private static byte[] domain(String purpose, ClusterId cluster, SpaceId space, byte[] body) {
    return new Encoder(body.length + 64)
        .text(purpose)
        .u64(cluster.high())
        .u64(cluster.low())
        .u64(space.high())
        .u64(space.low())
        .raw(body)
        .toBytes();
  }
}
