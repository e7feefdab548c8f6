package io.starling.replica.message;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The bytes of a [Transfer]. They carry no signature: a joiner believes nothing of them before it
/// has compared the whole with another member.
public final class TransferEncoding {

  /// Bytes of one part of a transfer, at most; over it, malformed.
  public static final int BYTES_MAX = 960 * 1024;

  /// The version of what is said between peers from which on it tells where branches begin. A
  /// joiner asks for that once all members have announced to read it; who is asked obeys.
  public static final int BRANCHES_FORM = 2;

  /// Groups of buckets.
  public static final int GROUPS = 1_024;

  /// Buckets of a group.
  public static final int GROUP_BUCKETS = 64;

  /// Chain hashes in one row, at most; over it, malformed.
  public static final int HASHES_MAX = 1_000;

  /// Bits that tell the leaves of a bucket apart, at most.
  public static final int LEAF_BITS_MAX = 8;

  private static final int ASK = 1;
  private static final int OFFER = 2;
  private static final int LEAVES = 3;
  private static final int GET = 4;
  private static final int PAGE = 5;
  private static final int REFUSED = 6;
  private static final int COMPARE = 7;
  private static final int COMPARED = 8;
  private static final int FETCH = 9;

  private static final int LOOKING = 10;
  private static final int ASK_WITH_BRANCHES = 11;
  private static final int COMPARE_WITH_BRANCHES = 12;
  private static final int COMPARED_WITH_BRANCHES = 13;

  private static final int HEAD_ROW = 1;
  private static final int CLOSE_ROW = 2;
  private static final int LEAF_ROW = 3;
  private static final int CELL_ROW = 4;
  private static final int HASHES_ROW = 5;
  private static final int BRANCH_ROW = 6;

  private TransferEncoding() {}

  public static byte[] encode(Transfer transfer) {
    int room = transfer instanceof Transfer.Page page ? page.bytes() : 0;
    var out = new Encoder(room + 256);
    switch (transfer) {
      case Transfer.Ask(var groups, boolean withBranches) ->
          sums(out.u8(withBranches ? ASK_WITH_BRANCHES : ASK), groups);
      case Transfer.Offer(var token, var digest, long cells, var hashesFrom, var groups) -> {
        write(out.u8(OFFER).bytes(token.toBytes()), digest);
        vector(out.varint(cells), hashesFrom);
        out.varint(groups.size());
        groups.forEach(it -> sums(out.varint(it.group()), it.buckets()));
      }
      case Transfer.Leaves(int part, int leafBits, var buckets, boolean isLast) -> {
        out.u8(LEAVES).varint(part).u8(leafBits).u8(isLast ? 1 : 0).varint(buckets.size());
        buckets.forEach(it -> sums(out.varint(it.bucket()), it.leaves()));
      }
      case Transfer.Get(long page) -> out.u8(GET).varint(page);
      case Transfer.Page(long page, var rows, boolean isLast, _) -> {
        out.u8(PAGE).varint(page).u8(isLast ? 1 : 0).varint(rows.size());
        rows.forEach(row -> write(out, row));
      }
      case Transfer.Looking(long looked) -> out.u8(LOOKING).varint(looked);
      case Transfer.Refused(var reason, var message) ->
          out.u8(REFUSED).u8(reason.ordinal()).text(message);
      case Transfer.Compare(var token, var hashesFrom, var secret, boolean withBranches) -> {
        int tag = withBranches ? COMPARE_WITH_BRANCHES : COMPARE;
        vector(out.u8(tag).bytes(token.toBytes()), hashesFrom);
        out.u64(secret.high()).u64(secret.low());
      }
      case Transfer.Fetch(var beyond) -> out.u8(FETCH).bytes(beyond.toBytes());
      case Transfer.Compared(
              var now,
              var digest,
              var heads,
              var hashesFrom,
              var hashes,
              var branches) -> {
        int tag = branches.isPresent() ? COMPARED_WITH_BRANCHES : COMPARED;
        write(write(out.u8(tag).bytes(now.toBytes()), digest), heads);
        vector(out, hashesFrom);
        write(out, hashes);
        branches.ifPresent(sum -> write(out, sum));
      }
    }
    return out.toBytes();
  }

  /// Bytes of rows in a page, about.
  static int bytes(List<Transfer.Row> rows) {
    int bytes = 0;
    for (var row : rows) {
      bytes += bytes(row);
    }
    return bytes;
  }

  /// Bytes of a row in a page, about.
  public static int bytes(Transfer.Row row) {
    return switch (row) {
      case Transfer.Row.HeadRow head -> 80 + 34 * (head.context().size() + head.system().size());
      case Transfer.Row.BranchRow _ -> 70;
      case Transfer.Row.CloseRow _ -> 100;
      case Transfer.Row.LeafRow _ -> 5;
      case Transfer.Row.HashesRow(_, _, var hashes) -> 35 + ChainHash.BYTES * hashes.size();
      case Transfer.Row.CellRow(var name, var content, _, _) -> name.length + content.length + 8;
    };
  }

  private static void write(Encoder out, Transfer.Row row) {
    switch (row) {
      case Transfer.Row.HeadRow(
              var replica,
              long seq,
              var hash,
              var time,
              var seen,
              var system) -> {
        out.u8(HEAD_ROW).replica(replica).varint(seq).raw(hash.bytes()).u64(time.bits());
        vector(out, seen);
        vector(out, system);
      }
      case Transfer.Row.BranchRow(var parent, long first, var hash) ->
          out.u8(BRANCH_ROW).replica(parent).varint(first).raw(hash.bytes());
      case Transfer.Row.CloseRow(var replica, long seq, var hash, var closer, long closerSeq) ->
          out.u8(CLOSE_ROW)
              .replica(replica)
              .varint(seq)
              .raw(hash.bytes())
              .replica(closer)
              .varint(closerSeq);
      case Transfer.Row.LeafRow(int bucket, int leaf) -> out.u8(LEAF_ROW).varint(bucket).u8(leaf);
      case Transfer.Row.HashesRow(var replica, long first, var hashes) -> {
        out.u8(HASHES_ROW).replica(replica).varint(first).varint(hashes.size());
        hashes.forEach(hash -> out.raw(hash.bytes()));
      }
      case Transfer.Row.CellRow(var name, var content, boolean hasMore, _) ->
          out.u8(CELL_ROW).bytes(name).bytes(content).u8(hasMore ? 1 : 0);
    }
  }

  private static Encoder write(Encoder out, CellDigest sum) {
    return out.u64(sum.high()).u64(sum.low());
  }

  private static CellDigest digest(Decoder in) throws MalformedException {
    return new CellDigest(in.u64(), in.u64());
  }

  /// Reads what [#encode] gives.
  public static Transfer decode(byte[] bytes) throws MalformedException {
    if (bytes.length > BYTES_MAX) {
      throw new MalformedException("a part of a transfer of " + bytes.length + " bytes");
    }
    var in = new Decoder(bytes);
    int tag = in.u8();
    Transfer transfer =
        switch (tag) {
          case ASK -> new Transfer.Ask(groups(in), false);
          case ASK_WITH_BRANCHES -> new Transfer.Ask(groups(in), true);
          case OFFER -> offer(in);
          case LEAVES -> leaves(in);
          case GET -> new Transfer.Get(page(in));
          case PAGE -> pageOf(in);
          case LOOKING -> new Transfer.Looking(page(in));
          case REFUSED -> refused(in);
          case COMPARE -> compare(in, false);
          case COMPARE_WITH_BRANCHES -> compare(in, true);
          case FETCH -> new Transfer.Fetch(Token.fromBytes(in.bytes()));
          case COMPARED -> compared(in, false);
          case COMPARED_WITH_BRANCHES -> compared(in, true);
          default -> throw new MalformedException("unknown part " + tag + " of a transfer");
        };
    in.finish();
    return transfer;
  }

  private static List<Long> groups(Decoder in) throws MalformedException {
    var groups = sums(in, GROUPS);
    if (!groups.isEmpty() && groups.size() != GROUPS) {
      throw new MalformedException(groups.size() + " groups");
    }
    return groups;
  }

  private static Transfer offer(Decoder in) throws MalformedException {
    var token = Token.fromBytes(in.bytes());
    var digest = digest(in);
    long cells = page(in);
    var hashesFrom = vector(in);
    int size = in.count(GROUPS, "groups");
    var groups = new ArrayList<Transfer.GroupSums>();
    for (int i = 0; i < size; i++) {
      int group = in.count(GROUPS - 1, "as group");
      var sums = sums(in, GROUP_BUCKETS);
      boolean isNext = i == 0 || groups.getLast().group() < group;
      if (sums.size() != GROUP_BUCKETS || !isNext) {
        throw new MalformedException("groups out of order or incomplete");
      }
      groups.add(new Transfer.GroupSums(group, sums));
    }
    return new Transfer.Offer(token, digest, cells, hashesFrom, groups);
  }

  private static Transfer leaves(Decoder in) throws MalformedException {
    int part = in.count(GROUPS * GROUP_BUCKETS, "as part");
    int leafBits = in.u8();
    if (leafBits > LEAF_BITS_MAX) {
      throw new MalformedException("leaves of " + leafBits + " bits");
    }
    boolean isLast = flag(in);
    int size = in.count(GROUPS * GROUP_BUCKETS, "buckets");
    var buckets = new ArrayList<Transfer.BucketSums>();
    for (int i = 0; i < size; i++) {
      int bucket = in.count(GROUPS * GROUP_BUCKETS - 1, "as bucket");
      var leaves = sums(in, 1 << leafBits);
      if (leaves.size() != 1 << leafBits) {
        throw new MalformedException("a bucket of " + leaves.size() + " leaves");
      }
      buckets.add(new Transfer.BucketSums(bucket, leaves));
    }
    return new Transfer.Leaves(part, leafBits, buckets, isLast);
  }

  private static Transfer pageOf(Decoder in) throws MalformedException {
    long page = page(in);
    boolean isLast = flag(in);
    int size = in.count(in.remaining(), "rows");
    var rows = new ArrayList<Transfer.Row>();
    for (int i = 0; i < size; i++) {
      rows.add(row(in));
    }
    return new Transfer.Page(page, rows, isLast);
  }

  private static Transfer.Row row(Decoder in) throws MalformedException {
    int tag = in.u8();
    return switch (tag) {
      case HEAD_ROW ->
          new Transfer.Row.HeadRow(
              in.replica(),
              in.seq(),
              ChainHash.read(in),
              new HybridTime(in.u64()),
              vector(in),
              vector(in));
      case BRANCH_ROW -> new Transfer.Row.BranchRow(in.replica(), in.seq(), ChainHash.read(in));
      case CLOSE_ROW ->
          new Transfer.Row.CloseRow(
              in.replica(), in.seq(), ChainHash.read(in), in.replica(), in.seq());
      case LEAF_ROW ->
          new Transfer.Row.LeafRow(in.count(GROUPS * GROUP_BUCKETS - 1, "as bucket"), in.u8());
      case CELL_ROW -> new Transfer.Row.CellRow(in.bytes(), in.bytes(), flag(in));
      case HASHES_ROW -> hashes(in);
      default -> throw new MalformedException("unknown row " + tag);
    };
  }

  private static Transfer.Row hashes(Decoder in) throws MalformedException {
    var replica = in.replica();
    long first = in.seq();
    int size = in.count(HASHES_MAX, "hashes");
    var hashes = new ArrayList<ChainHash>();
    for (int i = 0; i < size; i++) {
      hashes.add(ChainHash.read(in));
    }
    return new Transfer.Row.HashesRow(replica, first, hashes);
  }

  private static Transfer compared(Decoder in, boolean withBranches) throws MalformedException {
    return new Transfer.Compared(
        Token.fromBytes(in.bytes()),
        digest(in),
        digest(in),
        vector(in),
        digest(in),
        withBranches ? Optional.of(digest(in)) : Optional.empty());
  }

  private static Transfer compare(Decoder in, boolean withBranches) throws MalformedException {
    var token = Token.fromBytes(in.bytes());
    return new Transfer.Compare(token, vector(in), new Secret(in.u64(), in.u64()), withBranches);
  }

  private static Transfer refused(Decoder in) throws MalformedException {
    int reason = in.count(Transfer.Reason.values().length - 1, "as reason");
    return new Transfer.Refused(Transfer.Reason.values()[reason], in.text());
  }

  private static long page(Decoder in) throws MalformedException {
    long page = in.varint();
    if (page < 0) {
      throw new MalformedException("a number beyond 2^63-1");
    }
    return page;
  }

  private static boolean flag(Decoder in) throws MalformedException {
    int flag = in.u8();
    if (flag > 1) {
      throw new MalformedException("a flag of " + flag);
    }
    return flag == 1;
  }

  private static void sums(Encoder out, List<Long> sums) {
    out.varint(sums.size());
    sums.forEach(out::u64);
  }

  private static List<Long> sums(Decoder in, int max) throws MalformedException {
    int size = in.count(Math.min(max, in.remaining() / Long.BYTES), "sums");
    var sums = new ArrayList<Long>(size);
    for (int i = 0; i < size; i++) {
      sums.add(in.u64());
    }
    return sums;
  }

  private static void vector(Encoder out, VersionVector vector) {
    out.varint(vector.size());
    vector.entries().forEach(entry -> out.replica(entry.replica()).varint(entry.seq()));
  }

  private static VersionVector vector(Decoder in) throws MalformedException {
    int size = in.count(in.remaining(), "entries");
    var entries = new TreeMap<ReplicaId, Long>();
    for (int i = 0; i < size; i++) {
      var replica = in.replica();
      if (!entries.isEmpty() && entries.lastKey().compareTo(replica) >= 0) {
        throw new MalformedException("a vector out of order");
      }
      entries.put(replica, in.seq());
    }
    return VersionVector.of(entries);
  }
}
