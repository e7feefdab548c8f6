package io.starling.node.space;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// What is to become different in the settings of a space. What is not named stays as it is.
///
/// @param members who is to host it, each by name or fingerprint
/// @param reset fields that are to be as usual again, of [#FIELDS]
public record SpaceChange(
    Optional<Long> logBytes,
    Optional<Duration> logAge,
    Optional<Duration> stableAge,
    Optional<List<String>> members,
    SortedSet<String> reset) {

  public static final String LOG_BYTES = "log_bytes";
  public static final String LOG_AGE = "log_age";
  public static final String STABLE_AGE = "log_stable_age";
  public static final String MEMBERS = "members";

  /// What can be set, and taken back.
  public static final List<String> FIELDS = List.of(LOG_BYTES, LOG_AGE, STABLE_AGE, MEMBERS);

  public static final SpaceChange NONE =
      new SpaceChange(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), new TreeSet<>());

  public SpaceChange {
    members = members.map(List::copyOf);
    reset = new TreeSet<>(reset);
  }

  /// Why no space can be set so; empty if one can.
  public Optional<String> objection() {
    for (var field : reset) {
      if (!FIELDS.contains(field)) {
        return Optional.of(
            "'" + field + "' cannot be reset; there are " + String.join(", ", FIELDS));
      }
    }
    long bytes = logBytes.orElse(SpaceSettings.LOG_BYTES_MIN);
    if (bytes < SpaceSettings.LOG_BYTES_MIN || bytes > SpaceSettings.LOG_BYTES_MAX) {
      return Optional.of(
          "a log of " + bytes + " bytes cannot be kept; 1 MiB to 16 TiB are possible");
    }
    if (isOut(logAge) || isOut(stableAge)) {
      return Optional.of("batches can be kept for at least a second and at most 3650 days");
    }
    if (logAge.isPresent() && stableAge.isPresent() && isLonger(stableAge.get(), logAge.get())) {
      return Optional.of(
          "what all hosts have would be kept longer than what some lack; give a shorter stable age");
    }
    if (members.isPresent() && members.get().isEmpty()) {
      return Optional.of("somebody has to host a space; to have all do so, reset 'members'");
    }
    return members.filter(it -> it.size() > SpaceSettings.MEMBERS_MAX).isPresent()
        ? Optional.of("at most " + SpaceSettings.MEMBERS_MAX + " members can be named")
        : Optional.empty();
  }

  private static boolean isOut(Optional<Duration> age) {
    return age.filter(
            it -> it.compareTo(Duration.ofSeconds(1)) < 0 || isLonger(it, SpaceSettings.AGE_MAX))
        .isPresent();
  }

  private static boolean isLonger(Duration one, Duration other) {
    return one.compareTo(other) > 0;
  }
}
