package io.starling.node.backup.restore;

import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.read.View;
import io.starling.crdt.read.ViewBuilder;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.SpaceRows;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.state.SpaceImage.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The keys of a space in a backup, in order, each with what it read. Reads only the chunks in
/// which they are.
final class BackupKeys implements WantedKeys {

  private static final int CELLS_MAX = WantedKeys.PARTS_MAX;

  private final SpaceRows rows;

  BackupKeys(Repository repository, Manifest.SpaceEntry space) {
    this.rows = new SpaceRows(repository, space);
  }

  /// Shows one key, if it has a value.
  void one(String key, Visitor visitor) throws IOException {
    byte[] prefix = Path.of(key).prefix();
    show(prefix, SpaceRows.after(prefix), visitor);
  }

  @Override
  public void beginning(String prefix, Visitor visitor) throws IOException {
    byte[] from = prefix.getBytes(StandardCharsets.UTF_8);
    show(from, SpaceRows.after(from), visitor);
  }

  private void show(byte[] from, byte[] to, Visitor visitor) throws IOException {
    var current = new Current[] {new Current("")};
    rows.cells(
        from,
        to,
        row -> {
          var id = id(row);
          if (!id.path().key().equals(current[0].key)) {
            current[0].show(visitor);
            current[0] = new Current(id.path().key());
          }
          current[0].add(id, row);
        });
    current[0].show(visitor);
  }

  private static CellId id(Row row) throws RepositoryException {
    try {
      return CellId.decode(row.key(), ReplicaForm.FULL);
    } catch (MalformedException broken) {
      throw new RepositoryException("a cell of the backup cannot be read", broken);
    }
  }

  /// The key whose cells are coming.
  private static final class Current {
    private final String key;
    private final ViewBuilder builder;
    private int cells;

    private Current(String key) {
      this.key = key;
      this.builder = new ViewBuilder(Path.of(key.isEmpty() ? "none" : key), Integer.MAX_VALUE);
    }

    private void add(CellId id, Row row) throws RepositoryException {
      if (++cells > CELLS_MAX) {
        return;
      }
      try {
        builder.add(id, CellEncoding.decode(id.kind(), row.value(), ReplicaForm.FULL));
      } catch (MalformedException broken) {
        throw new RepositoryException("a cell of the backup cannot be read", broken);
      }
    }

    private void show(Visitor visitor) throws IOException {
      if (cells > CELLS_MAX) {
        var why = key + " has more than " + CELLS_MAX + " cells; restore its node or space";
        visitor.see(key, new View.Absent(), Optional.of(why));
        return;
      }
      var view = builder.build();
      if (!(view instanceof View.Absent)) {
        visitor.see(key, view, Optional.empty());
      }
    }
  }
}
