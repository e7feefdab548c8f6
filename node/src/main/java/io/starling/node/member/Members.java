package io.starling.node.member;

import io.starling.crdt.causal.KeyFingerprint;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/// The members that this node knows of. Safe to use from any thread.
public interface Members {

  /// All members, by key.
  List<Member> all();

  /// Those for whom no log is kept any more.
  default SortedSet<KeyFingerprint> lapsed() {
    return Collections.emptySortedSet();
  }

  /// A member by its key.
  default Optional<Member> find(KeyFingerprint key) {
    return all().stream().filter(member -> member.key().equals(key)).findFirst();
  }
}
