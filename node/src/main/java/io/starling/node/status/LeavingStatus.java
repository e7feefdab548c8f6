package io.starling.node.status;

import io.starling.crdt.causal.KeyFingerprint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How far a node has come in leaving its cluster.
///
/// @param run counts the attempts since the start, this one included
/// @param since when it began
/// @param until when it gives up and stays, unless it has stated by then that it leaves
/// @param copies how many other members must have all that this node has
/// @param spaces by name
/// @param trouble what it cannot do now, and tries again; for people
public record LeavingStatus(
    Phase phase,
    long run,
    Instant since,
    Instant until,
    int copies,
    List<SpaceProgress> spaces,
    Optional<String> trouble) {

  public LeavingStatus {
    spaces = List.copyOf(spaces);
  }

  /// What it is at.
  public enum Phase {
    /// It waits for others to have all that it has. It can still stay.
    HANDING_OVER,
    /// Others have all; that it leaves is stated, and it waits for one of them to confirm that.
    ANNOUNCING,
    /// That is confirmed; it stops.
    LEFT
  }

  /// How far it has come in a space.
  ///
  /// @param confirmed members that have all of it, by name
  /// @param missing those that are not known to
  /// @param isDone whether as many have it as are asked for
  public record SpaceProgress(
      String name, List<String> confirmed, List<Missing> missing, boolean isDone) {
    public SpaceProgress {
      confirmed = List.copyOf(confirmed);
      missing = List.copyOf(missing);
    }
  }

  /// A member that has not confirmed.
  ///
  /// @param isUp whether this node is linked with it
  /// @param lag how many batches it lacks, as far as is known; empty if nothing is
  public record Missing(KeyFingerprint member, String name, boolean isUp, Optional<Long> lag) {}

  /// An attempt that is over, and the node has stayed.
  ///
  /// @param why for people
  public record Stayed(long run, Instant at, String why) {}

  /// What cannot be done now, and what is missing where, in a sentence.
  public String lacking() {
    var text = new StringBuilder(trouble.orElse(""));
    for (var space : spaces) {
      if (!space.isDone()) {
        text.append(text.isEmpty() ? "" : "; ").append(space.name()).append(" is missing at ");
        text.append(String.join(", ", space.missing().stream().map(LeavingStatus::say).toList()));
      }
    }
    return text.isEmpty() ? "nothing is missing" : text.toString();
  }

  private static String say(Missing missing) {
    var name = missing.name().isEmpty() ? missing.member().toString() : missing.name();
    if (!missing.isUp()) {
      return name + " (not reachable)";
    }
    return missing
        .lag()
        .filter(lag -> lag > 0)
        .map(lag -> name + " (" + lag + " batches behind)")
        .orElse(name + " (has not confirmed yet)");
  }
}
