package io.starling.node.peer;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;

/// What someone who need not be believed says of peers. Safe to use from any thread; does not
/// block.
///
/// A hint that lies costs a bounded number of attempts to connect, or one question to a peer that
/// is well. Whoever answers at an address proves by TLS which member it is, as if nobody had
/// hinted.
public interface PeerHints {

  /// How an address has turned out so far.
  enum Outlook {
    /// Nobody suggests it.
    UNKNOWN,
    /// Not tried yet.
    UNTRIED,
    /// Tried, and no member has ever answered there.
    FAILING,
    /// A member has proven itself there.
    PROVEN
  }

  /// A peer is said to listen at an address. May be repeated.
  ///
  /// @param claimed which peer it is said to be: the address is not dialled while all that are said
  ///   to listen there are linked
  void suggest(PeerAddress address, KeyFingerprint claimed);

  /// It is no longer said. Nothing that stands is cut; an address at which no member has answered
  /// is forgotten, and the others are in time if none answers any more.
  void withdraw(PeerAddress address, KeyFingerprint claimed);

  /// A peer is said to be gone. It is asked for a sign of life; if it gives none, its streams are
  /// closed sooner than silence alone would have closed them.
  void doubt(KeyFingerprint peer);

  /// What has become of an address.
  Outlook outlook(PeerAddress address);
}
