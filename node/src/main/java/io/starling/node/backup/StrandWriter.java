package io.starling.node.backup;

import io.starling.crdt.encoding.Encoder;
import io.starling.node.backup.repository.ChunkId;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.state.SpaceImage.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Cuts rows into chunks, and the list of the chunks into chunks, and has them kept.
///
/// Where a chunk ends, the key of its last row says: a hash of it below a bound that grows with the
/// row. So rows that come, go or change move no end but those near them (content-defined chunking,
/// Muthitacharoen et al., 2001; with rows in place of a window of bytes).
final class StrandWriter {

  /// Sizes of chunks in bytes: none is smaller but the last, none larger but for one row.
  record Sizes(int least, int usual, int most) {}

  static final Sizes ROWS = new Sizes(32 << 10, 128 << 10, 512 << 10);
  static final Sizes LISTS = new Sizes(4 << 10, 16 << 10, 64 << 10);

  private static final double UNIT = 0x1.0p-53;

  private final long seed;
  private final Keeper keeper;
  private final Level rows = new Level(ROWS);
  private final Level lists = new Level(LISTS);
  private final List<Strand.Listing> listings = new ArrayList<>();
  private long count;
  private long bytes;

  /// Has a chunk kept.
  @FunctionalInterface
  interface Keeper {
    ChunkId keep(byte[] chunk) throws IOException;
  }

  StrandWriter(long seed, Keeper keeper) {
    this.seed = seed;
    this.keeper = keeper;
  }

  void add(Row row) throws IOException {
    count++;
    if (rows.add(row)) {
      endRows();
    }
  }

  /// The strand, whole.
  Strand finish() throws IOException {
    endRows();
    endList();
    return new Strand(count, bytes, listings);
  }

  private void endRows() throws IOException {
    if (rows.count == 0) {
      return;
    }
    byte[] first = rows.first;
    int size = rows.out.size();
    int held = rows.count;
    var name = keeper.keep(rows.take());
    bytes += size;
    var entry = new Encoder(48);
    name.write(entry);
    if (lists.add(new Row(first, entry.varint(size).varint(held).toBytes()))) {
      endList();
    }
  }

  private void endList() throws IOException {
    if (lists.count > 0) {
      byte[] first = lists.first;
      listings.add(new Strand.Listing(first, keeper.keep(lists.take())));
    }
  }

  /// A chunk that is being filled.
  private final class Level {
    private final Sizes sizes;
    private Encoder out;
    private byte[] first = new byte[0];
    private int count;

    private Level(Sizes sizes) {
      this.sizes = sizes;
      this.out = new Encoder(sizes.usual());
    }

    /// Takes a row.
    ///
    /// @return whether the chunk ends with it
    private boolean add(Row row) throws RepositoryException {
      if (count++ == 0) {
        first = row.key();
      }
      int before = out.size();
      long size = (long) row.key().length + row.value().length;
      if (before + size > Repository.CHUNK_BYTES_MAX - 32L) {
        throw new RepositoryException("a row of " + size + " bytes is larger than a backup takes");
      }
      RowBlock.write(out, row);
      int now = out.size();
      if (now < sizes.least()) {
        return false;
      }
      double chance = (double) (now - before) / (sizes.usual() - sizes.least());
      return now >= sizes.most() || (hash(row.key()) >>> 11) * UNIT < chance;
    }

    private byte[] take() {
      byte[] chunk = out.toBytes();
      out = new Encoder(sizes.usual());
      count = 0;
      return chunk;
    }
  }

  /// FNV-1a, and MurmurHash3's last steps, which spread it.
  private long hash(byte[] key) {
    long hash = 0xcbf29ce484222325L ^ seed;
    for (byte one : key) {
      hash = (hash ^ (one & 0xFF)) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return hash ^ hash >>> 33;
  }
}
