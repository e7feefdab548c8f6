package io.starling.replica.read;

/// Whether a snapshot shows what a token covers.
public enum Coverage {
  COVERED,
  /// It names batches that are not applied here yet.
  NOT_YET,
  /// It is of another space or cluster, or of a branch of a fork that is not applied here.
  FOREIGN
}
