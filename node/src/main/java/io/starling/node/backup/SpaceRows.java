package io.starling.node.backup;

import io.starling.node.backup.repository.Repository;
import io.starling.replica.state.SpaceImage.Part;
import io.starling.replica.state.SpaceImage.Row;
import io.starling.replica.state.StoredSpace;
import java.io.IOException;

/// The rows of a space in a backup.
public final class SpaceRows {

  private final Repository repository;
  private final Manifest.SpaceEntry space;

  public SpaceRows(Repository repository, Manifest.SpaceEntry space) {
    this.repository = repository;
    this.space = space;
  }

  /// Takes rows.
  @FunctionalInterface
  public interface Taker {
    void take(Row row) throws IOException;
  }

  /// Shows all rows of a part.
  public void all(Part part, Taker taker) throws IOException {
    new StrandReader(repository, space.part(part))
        .rows(row -> {
          taker.take(row);
          return true;
        });
  }

  /// Shows the cells whose canonical names are within bounds, in order.
  ///
  /// @param to where to stop, exclusive; empty for the end
  public void cells(byte[] from, byte[] to, Taker taker) throws IOException {
    new StrandReader(repository, space.part(Part.CELLS))
        .rows(
            from,
            to,
            row -> {
              taker.take(row);
              return true;
            });
  }

  /// The first name after all that begin with a prefix; empty if there is none.
  public static byte[] after(byte[] prefix) {
    return StoredSpace.after(prefix);
  }
}
