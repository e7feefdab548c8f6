package io.starling.replica.port;

/// The ordered tables of bytes that the state of a space is kept in. A store may lay them out
/// differently; keys are unique within a table and ordered as unsigned bytes.
///
/// The *fresh* ones hold cells that are not the space's yet, with what follows from them, and take
/// the place of [#CELLS], [#HEADERS] and [#BUCKETS] all at once ([Changes.Fresh]).
public enum Table {
  /// Replica numbers, heads, rows of the matrix clock, closes, the space's digest. Small.
  META,
  /// Signed batches by replica and seq.
  LOG,
  /// Cells by name.
  CELLS,
  /// One header for each key: what types are alive at it, and how many cells.
  HEADERS,
  /// Sums of cell digests.
  BUCKETS,
  /// What a member has sent of its state and is not joined with the cells yet.
  STAGE,
  /// Cells of a state that is taken over whole.
  FRESH_CELLS,
  /// Their headers.
  FRESH_HEADERS,
  /// Their sums.
  FRESH_BUCKETS;

  /// Whether it is one of the fresh ones.
  public boolean isFresh() {
    return switch (this) {
      case FRESH_CELLS, FRESH_HEADERS, FRESH_BUCKETS -> true;
      case META, LOG, CELLS, HEADERS, BUCKETS, STAGE -> false;
    };
  }

  /// The table whose place it takes, or that takes its place; itself if there is none.
  public Table other() {
    return switch (this) {
      case CELLS -> FRESH_CELLS;
      case HEADERS -> FRESH_HEADERS;
      case BUCKETS -> FRESH_BUCKETS;
      case FRESH_CELLS -> CELLS;
      case FRESH_HEADERS -> HEADERS;
      case FRESH_BUCKETS -> BUCKETS;
      case META, LOG, STAGE -> this;
    };
  }
}
