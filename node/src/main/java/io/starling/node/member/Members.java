package io.starling.node.member;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.membership.Revocations;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/// The members that this node knows of. Safe to use from any thread.
public interface Members {

  /// All members, by key; without those that have left or are evicted.
  List<Member> all();

  /// All that ever described themselves, by key.
  default List<Member> described() {
    return all();
  }

  /// Those that have left for good, and when, by their own clocks.
  default SortedMap<KeyFingerprint, Instant> left() {
    return Collections.emptySortedMap();
  }

  /// Those for whom no log is kept any more.
  default SortedSet<KeyFingerprint> lapsed() {
    return Collections.emptySortedSet();
  }

  /// Whose key is revoked.
  default Revocations revocations() {
    return Revocations.NONE;
  }

  /// Whether a node takes part in what these are the members of; anybody, unless it is said who.
  default boolean isHost(KeyFingerprint key) {
    return true;
  }

  /// A member by its key.
  default Optional<Member> find(KeyFingerprint key) {
    return all().stream().filter(member -> member.key().equals(key)).findFirst();
  }
}
