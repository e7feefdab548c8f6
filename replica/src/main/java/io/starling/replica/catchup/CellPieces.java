package io.starling.replica.catchup;

import io.starling.crdt.cell.CanonicalCell;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.message.Transfer.Row;
import java.util.Arrays;
import java.util.Optional;

/// Cells of a transfer as they come: whole, or in pieces that follow on each other.
final class CellPieces {

  private final CanonicalCell.Reader reader = new CanonicalCell.Reader();
  private Optional<Piece> begun = Optional.empty();

  /// The beginning of a cell.
  private record Piece(byte[] name, Encoder content) {}

  /// Whether the rest of a cell is to come.
  boolean isBetween() {
    return begun.isPresent();
  }

  /// Takes a row.
  ///
  /// @return the cell, if this was all of it, or the rest
  /// @throws MalformedException if it is no cell, too large a one, or not the one that was begun
  Optional<CanonicalCell> take(Row.CellRow row) throws MalformedException {
    if (begun.isEmpty() && !row.hasMore()) {
      return Optional.of(
          row.cell().isPresent() ? row.cell().get() : reader.read(row.name(), row.content()));
    }
    var piece = begun.orElseGet(() -> new Piece(row.name(), new Encoder()));
    if (!Arrays.equals(piece.name(), row.name())) {
      throw new MalformedException("a cell in the midst of another");
    }
    piece.content().raw(row.content());
    if (piece.content().size() > DonorSession.CELL_BYTES_MAX) {
      throw new MalformedException("a cell of more than " + DonorSession.CELL_BYTES_MAX + " B");
    }
    begun = row.hasMore() ? Optional.of(piece) : Optional.empty();
    return row.hasMore()
        ? Optional.empty()
        : Optional.of(reader.read(piece.name(), piece.content().toBytes()));
  }
}
