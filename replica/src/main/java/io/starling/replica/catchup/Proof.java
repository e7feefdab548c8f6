package io.starling.replica.catchup;

/// What it takes for another member's state to be taken over.
public enum Proof {
  /// A third member must confirm it; in a cluster of two there is none, and it is taken over
  /// unconfirmed.
  NEEDED,
  /// A third member is asked; if none can confirm it in a minute, it is taken over unconfirmed.
  PREFERRED,
  /// As preferred; and what is unconfirmed is given to others, and confirms theirs, like any other.
  WAIVED
}
