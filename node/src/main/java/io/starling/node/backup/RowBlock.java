package io.starling.node.backup;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.state.SpaceImage.Row;
import java.util.ArrayList;
import java.util.List;

/// The bytes of a chunk: rows, each its key and its value with their lengths.
final class RowBlock {

  private RowBlock() {}

  static void write(Encoder out, Row row) {
    out.bytes(row.key()).bytes(row.value());
  }

  /// The rows of a chunk.
  static List<Row> read(byte[] chunk) throws RepositoryException {
    var in = new Decoder(chunk);
    var rows = new ArrayList<Row>();
    try {
      while (in.remaining() > 0) {
        rows.add(new Row(in.bytes(), in.bytes()));
      }
      return rows;
    } catch (MalformedException broken) {
      throw new RepositoryException("a chunk that holds no rows", broken);
    }
  }
}
