package io.starling.replica.state;

import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.Optional;

/// The sums of cell digests in 65 536 buckets and of the whole space, kept up to date per change.
///
/// A cell belongs to the bucket that the SHA-256 of its name begins with. An update costs one put
/// for each bucket it touches; the sums above, of 256 buckets each and of all, follow from them in
/// memory.
public final class DigestTree {

  private static final int FAN_OUT = 256;

  // Two longs a bucket, in pages of 256 buckets that come to be when they are needed.
  private final long[][] pages = new long[FAN_OUT][0];
  private final MessageDigest sha256 = CellDigest.sha256();
  private final BitSet changed = new BitSet();
  private CellDigest total = CellDigest.ZERO;
  private long cells;

  /// Loads the sums of a store.
  public DigestTree(StatePort state) {
    state.scan(
        Table.BUCKETS,
        new byte[0],
        new byte[0],
        (key, value) -> {
          set(((key[0] & 0xFF) << 8) | (key[1] & 0xFF), read(value));
          return true;
        });
    loadTotal(state);
  }

  /// Loads of a store what it keeps of all cells together, and no bucket: for who needs only that.
  public static DigestTree ofAll(StatePort state) {
    var tree = new DigestTree();
    tree.loadTotal(state);
    return tree;
  }

  private void loadTotal(StatePort state) {
    state
        .get(Table.META, Layout.DIGEST_KEY)
        .ifPresent(bytes -> {
          total = read(bytes);
          cells = ByteBuffer.wrap(bytes).getLong(CellDigest.BYTES);
        });
  }

  /// The sum over all cells, as a store has it.
  public static CellDigest total(StatePort state) {
    return state.get(Table.META, Layout.DIGEST_KEY).map(DigestTree::read).orElse(CellDigest.ZERO);
  }

  /// The sum over all cells.
  public CellDigest total() {
    return total;
  }

  /// How many cells are summed up.
  public long cells() {
    return cells;
  }

  /// A cell has changed.
  ///
  /// @param id the canonical bytes of its name
  /// @param before the canonical bytes of its content, empty if there was none
  /// @param now likewise
  void replace(byte[] id, Optional<byte[]> before, Optional<byte[]> now) {
    var less = before.map(content -> CellDigest.of(sha256, id, content)).orElse(CellDigest.ZERO);
    var more = now.map(content -> CellDigest.of(sha256, id, content)).orElse(CellDigest.ZERO);
    int bucket = bucket(id);
    var sum = sum(bucket).plus(more).minus(less);
    set(bucket, sum);
    changed.set(bucket);
    total = total.plus(more).minus(less);
    cells += (now.isPresent() ? 1 : 0) - (before.isPresent() ? 1 : 0);
  }

  /// Sums of no cells.
  DigestTree() {}

  /// A cell is there that was not.
  ///
  /// @param slot where it falls ([CellDigest#slot])
  void add(int slot, CellDigest digest) {
    int bucket = slot >>> Byte.SIZE;
    set(bucket, sum(bucket).plus(digest));
    changed.set(bucket);
    total = total.plus(digest);
    cells++;
  }

  /// Writes some of the sums that changed, into the fresh tables.
  ///
  /// @return whether that was all
  boolean flushFresh(Staging staging, int max) {
    int bucket = changed.nextSetBit(0);
    for (int i = 0; i < max && bucket >= 0; i++) {
      staging.append(Table.FRESH_BUCKETS, Layout.bucket(bucket), write(sum(bucket)).toBytes());
      changed.clear(bucket);
      bucket = changed.nextSetBit(bucket);
    }
    return changed.isEmpty();
  }

  /// Has the sums of another, whose rows are in the place of those that were here.
  void become(DigestTree that, Staging staging) {
    System.arraycopy(that.pages, 0, pages, 0, FAN_OUT);
    changed.clear();
    total = that.total;
    cells = that.cells;
    staging.put(Table.META, Layout.DIGEST_KEY, write(total).u64(cells).toBytes());
  }

  /// Writes the sums that changed since the last flush.
  void flush(Staging staging) {
    if (changed.isEmpty()) {
      return;
    }
    changed.stream()
        .forEach(bucket -> {
          var sum = sum(bucket);
          if (sum.equals(CellDigest.ZERO)) {
            staging.remove(Table.BUCKETS, Layout.bucket(bucket));
          } else {
            staging.put(Table.BUCKETS, Layout.bucket(bucket), write(sum).toBytes());
          }
        });
    changed.clear();
    staging.put(Table.META, Layout.DIGEST_KEY, write(total).u64(cells).toBytes());
  }

  /// The sum over the cells of a bucket, 0 to 65 535.
  public CellDigest sum(int bucket) {
    var page = pages[bucket / FAN_OUT];
    int at = bucket % FAN_OUT * 2;
    return page.length == 0 ? CellDigest.ZERO : new CellDigest(page[at], page[at + 1]);
  }

  private void set(int bucket, CellDigest sum) {
    if (pages[bucket / FAN_OUT].length == 0) {
      pages[bucket / FAN_OUT] = new long[FAN_OUT * 2];
    }
    var page = pages[bucket / FAN_OUT];
    int at = bucket % FAN_OUT * 2;
    page[at] = sum.high();
    page[at + 1] = sum.low();
  }

  private int bucket(byte[] id) {
    return CellDigest.slot(sha256, id) >>> Byte.SIZE;
  }

  private static Encoder write(CellDigest sum) {
    return new Encoder().u64(sum.high()).u64(sum.low());
  }

  private static CellDigest read(byte[] bytes) {
    try {
      var in = new Decoder(bytes);
      return new CellDigest(in.u64(), in.u64());
    } catch (MalformedException broken) {
      throw new AssertionError("a broken digest", broken);
    }
  }
}
