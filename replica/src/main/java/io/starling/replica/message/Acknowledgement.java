package io.starling.replica.message;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SpaceId;

/// A member's statement that it has durably applied all that a token covers.
///
/// It outlives the member's memory and can be shown to anybody: signed under its own domain, it
/// proves who said so and when, by the member's own clock. It says nothing of what the member keeps
/// later.
///
/// @param author the incarnation that speaks
/// @param covered the hash of the token's bytes
/// @param wallMillis the author's physical clock
public record Acknowledgement(SpaceId space, ReplicaId author, ChainHash covered, long wallMillis) {

  private static final int VERSION = 1;

  /// The hash that stands for a token.
  public static ChainHash hash(Token token) {
    return ChainHash.of(token.toBytes());
  }

  /// Whether this is about a token.
  public boolean covers(Token token) {
    return space.equals(token.space()) && covered.equals(hash(token));
  }

  /// The bytes that are signed.
  public byte[] toBytes() {
    var out = new Encoder(96).u8(VERSION).u64(space.high()).u64(space.low()).replica(author);
    covered.write(out);
    return out.u64(wallMillis).toBytes();
  }

  public static Acknowledgement fromBytes(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    int version = in.u8();
    if (version != VERSION) {
      throw new MalformedException(
          "an acknowledgement of version " + version + "; this version reads 1");
    }
    var space = new SpaceId(in.u64(), in.u64());
    var author = in.replica();
    var covered = ChainHash.read(in);
    long wall = in.u64();
    in.finish();
    return new Acknowledgement(space, author, covered, wall);
  }
}
