package io.starling.node.space;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.hosting.Hosts;
import io.starling.replica.limits.LogRetention;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// What a space does differently from what the configuration of each node says.
///
/// @param logBytes of the log; [#LOG_BYTES_MIN] to [#LOG_BYTES_MAX]
/// @param logAge how long a batch stays that not all hosts have; up to [#AGE_MAX]
/// @param stableAge how long a batch stays that all hosts have; the same
/// @param members who hosts it; empty for all members of the cluster
public record SpaceSettings(
    Optional<Long> logBytes,
    Optional<Duration> logAge,
    Optional<Duration> stableAge,
    SortedSet<KeyFingerprint> members)
    implements Hosts {

  /// A log that is smaller would be cut while it is sent.
  public static final long LOG_BYTES_MIN = 1L << 20;

  public static final long LOG_BYTES_MAX = 1L << 44;
  public static final Duration AGE_MAX = Duration.ofDays(3_650);

  /// Members that may be named.
  public static final int MEMBERS_MAX = 256;

  public static final SpaceSettings USUAL =
      new SpaceSettings(Optional.empty(), Optional.empty(), Optional.empty(), new TreeSet<>());

  public SpaceSettings {
    members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
  }

  /// How much log a node keeps of the space.
  ///
  /// @param usual what its configuration says
  public LogRetention retention(LogRetention usual) {
    var age = logAge.orElse(usual.age());
    var stable = stableAge.orElse(usual.stableAge());
    // Set at different times, on different nodes, or against another configuration.
    var shorter = stable.compareTo(age) > 0 ? age : stable;
    return new LogRetention(logBytes.orElse(usual.bytes()), age, shorter);
  }

  @Override
  public boolean isHost(KeyFingerprint member) {
    return members.isEmpty() || members.contains(member);
  }
}
