package io.starling.replica.message;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SpaceId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;

/// A version vector that a client carries from node to node: what it has read or written.
///
/// It names each head with 8 bytes of its hash, so that a token of one branch of a fork is not
/// taken for one of another. Closed replicas are left out. A token is a hint and no secret: whoever
/// makes one up can only wait in vain or see less.
///
/// @param heads ordered by replica, without repetition
public record Token(SpaceId space, List<Prefix> heads) {

  /// Most replicas a token may name.
  public static final int HEADS_MAX = 4_096;

  private static final int VERSION = 1;

  /// @param hash the first 8 bytes of the head's chain hash
  public record Prefix(ReplicaId replica, long seq, long hash) {

    /// Whether this names the batch with that hash.
    public boolean matches(ChainHash full) {
      return hash == full.first();
    }
  }

  public Token {
    heads = List.copyOf(heads);
  }

  /// The seqs without the hashes.
  public VersionVector vector() {
    var seqs = new TreeMap<ReplicaId, Long>();
    heads.forEach(head -> seqs.put(head.replica(), head.seq()));
    return VersionVector.of(seqs);
  }

  public byte[] toBytes() {
    var out = new Encoder(heads.size() * 36 + 24);
    out.u8(VERSION).u64(space.high()).u64(space.low()).varint(heads.size());
    heads.forEach(head -> out.replica(head.replica()).varint(head.seq()).u64(head.hash()));
    return out.toBytes();
  }

  /// The form in HTTP headers: base64url without padding.
  public String toText() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(toBytes());
  }

  /// Reads what came from elsewhere.
  public static Token fromBytes(byte[] bytes) throws MalformedException {
    return read(bytes, HEADS_MAX);
  }

  /// Reads what this node itself wrote, of as many heads as it has: a store must open, however many
  /// incarnations a member has begun.
  public static Token ofStore(byte[] bytes) throws MalformedException {
    return read(bytes, Integer.MAX_VALUE);
  }

  private static Token read(byte[] bytes, int headsMax) throws MalformedException {
    var in = new Decoder(bytes);
    int version = in.u8();
    if (version != VERSION) {
      throw new MalformedException("a token of version " + version + "; this node reads 1");
    }
    var space = new SpaceId(in.u64(), in.u64());
    int size = in.count(headsMax, "heads");
    var heads = new ArrayList<Prefix>(Math.min(size, in.remaining()));
    for (int i = 0; i < size; i++) {
      var head = new Prefix(in.replica(), in.seq(), in.u64());
      if (i > 0 && heads.getLast().replica().compareTo(head.replica()) >= 0) {
        throw new MalformedException("a token with heads out of order");
      }
      heads.add(head);
    }
    in.finish();
    return new Token(space, heads);
  }

  public static Token fromText(String text) throws MalformedException {
    try {
      return fromBytes(Base64.getUrlDecoder().decode(text));
    } catch (IllegalArgumentException notBase64) {
      throw new MalformedException("a token that is not base64url", notBase64);
    }
  }
}
