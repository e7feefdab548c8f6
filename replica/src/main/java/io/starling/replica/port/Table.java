package io.starling.replica.port;

/// The ordered tables of bytes that the state of a space is kept in. A store may lay them out
/// differently; keys are unique within a table and ordered as unsigned bytes.
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
  STAGE
}
