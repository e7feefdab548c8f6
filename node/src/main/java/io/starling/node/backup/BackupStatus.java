package io.starling.node.backup;

import java.time.Instant;
import java.util.Optional;

/// What a node says of its backups.
///
/// @param repository where they go
/// @param running the one that is being made
/// @param last the last one that has ended since the start
/// @param succeeded when the last one of this node became whole; known after a start, too
/// @param name of that one
/// @param made since the start
/// @param failed since the start
public record BackupStatus(
    String repository,
    Optional<Running> running,
    Optional<Ended> last,
    Optional<Instant> succeeded,
    Optional<String> name,
    long made,
    long failed) {

  static BackupStatus none(String repository) {
    return new BackupStatus(
        repository, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 0, 0);
  }

  /// A backup that is being made.
  ///
  /// @param number of the run, from 1 on since the start
  public record Running(long number, Instant since, Progress progress) {}

  /// A run that has ended.
  public record Ended(long number, Instant since, Instant until, Result result) {}

  /// How a run has ended.
  public sealed interface Result {

    /// There is one backup more.
    record Made(String name, Manifest.Totals totals) implements Result {}

    /// There is none more; what there was is as it was.
    record Failed(String why) implements Result {}
  }
}
