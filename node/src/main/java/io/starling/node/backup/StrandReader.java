package io.starling.node.backup;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.backup.repository.ChunkId;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.state.SpaceImage.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads a strand: its chunks as they are listed, and rows by their keys where these are in order.
final class StrandReader {

  private final Repository repository;
  private final Strand strand;

  StrandReader(Repository repository, Strand strand) {
    this.repository = repository;
    this.strand = strand;
  }

  /// Sees chunks.
  @FunctionalInterface
  interface EntryVisitor {
    void see(Strand.Entry entry) throws IOException;
  }

  /// Sees rows; answers whether to go on.
  @FunctionalInterface
  interface RowVisitor {
    boolean see(Row row) throws IOException;
  }

  /// Shows all chunks of rows.
  void entries(EntryVisitor visitor) throws IOException {
    for (var listing : strand.lists()) {
      for (var entry : list(listing)) {
        visitor.see(entry);
      }
    }
  }

  /// The chunks that a list names.
  List<Strand.Entry> list(Strand.Listing listing) throws IOException {
    var entries = new ArrayList<Strand.Entry>();
    for (var row : RowBlock.read(repository.chunk(listing.chunk()))) {
      var in = new Decoder(row.value());
      try {
        var name = ChunkId.read(in);
        int bytes = in.count(Repository.CHUNK_BYTES_MAX, "bytes");
        int rows = in.count(Integer.MAX_VALUE, "rows");
        in.finish();
        entries.add(new Strand.Entry(row.key(), name, bytes, rows));
      } catch (MalformedException broken) {
        throw new RepositoryException("chunk " + listing.chunk() + " lists no chunks", broken);
      }
    }
    return entries;
  }

  /// The rows of a chunk.
  List<Row> rows(Strand.Entry entry) throws IOException {
    return RowBlock.read(repository.chunk(entry.chunk()));
  }

  /// Shows all rows in order.
  void rows(RowVisitor visitor) throws IOException {
    for (var listing : strand.lists()) {
      for (var entry : list(listing)) {
        for (var row : rows(entry)) {
          if (!visitor.see(row)) {
            return;
          }
        }
      }
    }
  }

  /// Shows the rows whose keys are within bounds, of a strand whose rows are in order. Reads only
  /// chunks in which there may be some.
  ///
  /// @param from the first key
  /// @param to where to stop, exclusive; empty for the end
  void rows(byte[] from, byte[] to, RowVisitor visitor) throws IOException {
    var lists = strand.lists();
    int first = last(lists.stream().map(Strand.Listing::first).toList(), from);
    for (int i = first; i < lists.size() && isBefore(lists.get(i).first(), to); i++) {
      var entries = list(lists.get(i));
      int begin = last(entries.stream().map(Strand.Entry::first).toList(), from);
      for (int j = begin; j < entries.size() && isBefore(entries.get(j).first(), to); j++) {
        for (var row : rows(entries.get(j))) {
          boolean isWithin = Arrays.compareUnsigned(row.key(), from) >= 0;
          if (!isBefore(row.key(), to) || (isWithin && !visitor.see(row))) {
            return;
          }
        }
      }
    }
  }

  /// The last that begins at or before a key; the first if none does.
  private static int last(List<byte[]> firsts, byte[] key) {
    int last = 0;
    for (int i = 0; i < firsts.size() && Arrays.compareUnsigned(firsts.get(i), key) <= 0; i++) {
      last = i;
    }
    return last;
  }

  private static boolean isBefore(byte[] key, byte[] to) {
    return to.length == 0 || Arrays.compareUnsigned(key, to) < 0;
  }
}
