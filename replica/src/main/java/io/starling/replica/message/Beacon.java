package io.starling.replica.message;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SpaceId;
import java.util.ArrayList;
import java.util.List;

/// What a replica says of itself when it has no batch to say it with: its version vector, head
/// hashes and digest.
///
/// The vector is written as its difference from the context of the author's own last batch, which
/// the receiver has if it has applied that batch; if not, it lacks the author's batches and pulls.
/// So an idle beacon costs about a hundred bytes however many replicas there are.
///
/// @param author the incarnation that speaks; it may not have written in this space yet
/// @param head the author's own last batch: its seq (0 if none) and hash ([ChainHash#ROOT] if none)
/// @param moved heads that differ from the context of the author's last batch, by replica
/// @param closed a hash over the table of closed replicas
/// @param digest of all cells at exactly this vector
/// @param cells how many cells the digest sums up
/// @param time the author's hybrid clock
/// @param wallMillis the author's physical clock
public record Beacon(
    SpaceId space,
    ReplicaId author,
    OwnHead head,
    List<Token.Prefix> moved,
    CellDigest closed,
    CellDigest digest,
    long cells,
    HybridTime time,
    long wallMillis) {

  private static final int VERSION = 1;

  /// @param seq 0 if the author has not written
  public record OwnHead(long seq, ChainHash hash) {}

  public Beacon {
    moved = List.copyOf(moved);
  }

  /// The bytes that are signed.
  public byte[] toBytes() {
    var out = new Encoder(160 + moved.size() * 36);
    out.u8(VERSION).u64(space.high()).u64(space.low()).replica(author).varint(head.seq());
    head.hash().write(out);
    out.varint(moved.size());
    moved.forEach(m -> out.replica(m.replica()).varint(m.seq()).u64(m.hash()));
    out.u64(closed.high()).u64(closed.low()).u64(digest.high()).u64(digest.low());
    return out.varint(cells).u64(time.bits()).u64(wallMillis).toBytes();
  }

  public static Beacon fromBytes(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    int version = in.u8();
    if (version != VERSION) {
      throw new MalformedException("a beacon of version " + version + "; this node reads 1");
    }
    var space = new SpaceId(in.u64(), in.u64());
    var author = in.replica();
    var head = new OwnHead(in.varint(), ChainHash.read(in));
    int size = in.count(Token.HEADS_MAX, "heads");
    var moved = new ArrayList<Token.Prefix>(Math.min(size, in.remaining()));
    for (int i = 0; i < size; i++) {
      var next = new Token.Prefix(in.replica(), in.seq(), in.u64());
      if (i > 0 && moved.getLast().replica().compareTo(next.replica()) >= 0) {
        throw new MalformedException("a beacon with heads out of order");
      }
      moved.add(next);
    }
    var closed = new CellDigest(in.u64(), in.u64());
    var digest = new CellDigest(in.u64(), in.u64());
    long cells = in.varint();
    var time = new HybridTime(in.u64());
    long wall = in.u64();
    in.finish();
    return new Beacon(space, author, head, moved, closed, digest, cells, time, wall);
  }
}
