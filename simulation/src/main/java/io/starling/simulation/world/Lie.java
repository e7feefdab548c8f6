package io.starling.simulation.world;

import java.util.Locale;

/// What a member does that has a valid key and is not honest.
public enum Lie {
  /// Frames of random bytes, cut short, with flipped bits under a right sum, with counts that
  /// nothing follows.
  GARBAGE,
  /// Frames of another space, batches signed for another space or cluster.
  FOREIGN,
  /// Frames of long ago again, its own and those of others.
  REPLAYS,
  /// Batches that their author did not sign: of others, of nobody, or changed on the way.
  FORGERY,
  /// Two signed batches of one number, to some each, and now and then to the others later.
  EQUIVOCATION,
  /// Signed batches that make no sense: times, numbers, contexts, removals, resets and closes.
  NONSENSE,
  /// Beacons and pulls that claim more or less than there is, or other hashes and digests.
  VECTORS,
  /// No answers, or to some only, or nothing at all.
  WITHHOLDING,
  /// Acknowledgements of what is not there.
  ACKNOWLEDGEMENTS,
  /// State that was altered, confirmations of what is wrong, and questions without end.
  TRANSFERS;

  /// What counts call it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
