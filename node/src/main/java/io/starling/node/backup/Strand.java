package io.starling.node.backup;

import io.starling.node.backup.repository.ChunkId;
import java.util.List;

/// The rows of one part of a space in a backup: chunks of rows, whose list is cut into chunks too,
/// so that a backup which changes little writes little, however large the rest is.
///
/// @param rows how many
/// @param bytes of them, before they are packed
/// @param lists chunks that list chunks, in order
public record Strand(long rows, long bytes, List<Listing> lists) {

  /// A strand without rows.
  public static final Strand EMPTY = new Strand(0, 0, List.of());

  public Strand {
    lists = List.copyOf(lists);
  }

  /// A chunk, and the key that its first row has.
  public record Listing(byte[] first, ChunkId chunk) {}

  /// A chunk of rows, as a list has it.
  ///
  /// @param first the key of its first row
  /// @param bytes of its rows, before they are packed
  public record Entry(byte[] first, ChunkId chunk, int bytes, int rows) {}
}
