package io.starling.node.discovery;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/// How discovery is at one moment.
///
/// @param reason why it is not running, for people; empty if it is, or is off
/// @param members others that the source says are there
/// @param failures how often the source did not start, or ended by itself
public record DiscoveryStatus(State state, String reason, int members, long failures, Hints hints) {

  /// Whether the source works.
  public enum State {
    /// Not asked for.
    OFF,
    STARTING,
    RUNNING,
    /// It did not start or has ended; tried again and again.
    FAILED,
    STOPPED
  }

  /// What the source has said.
  ///
  /// @param standing hints that are followed now
  /// @param taken hints taken since the start
  /// @param losses how often a member with a hint was said to be gone
  /// @param refused what was not taken, each time it was said
  public record Hints(int standing, long taken, long losses, Map<HintRefusal, Long> refused) {

    /// None.
    public static final Hints NONE = new Hints(0, 0, 0, Map.of());

    public Hints {
      var all = new EnumMap<HintRefusal, Long>(HintRefusal.class);
      for (var refusal : HintRefusal.values()) {
        all.put(refusal, refused.getOrDefault(refusal, 0L));
      }
      refused = Collections.unmodifiableMap(all);
    }
  }

  /// No discovery.
  public static final DiscoveryStatus OFF = new DiscoveryStatus(State.OFF, "", 0, 0, Hints.NONE);
}
