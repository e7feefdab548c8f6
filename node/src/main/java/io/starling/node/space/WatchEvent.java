package io.starling.node.space;

import io.starling.crdt.read.View;
import io.starling.replica.message.Token;
import java.util.Optional;

/// What a watcher is told. The same on every surface; `docs/watch.md` is the contract.
///
/// A token comes only where the watcher has come to a causally consistent cut: with [UpToDate] and
/// [SnapshotEnd]. Whoever holds back what comes before a token and takes it whole never sees half a
/// transaction, and after a break, on whatever node, nothing twice.
public sealed interface WatchEvent {

  /// The state at one cut begins. What the watcher knew before and is not in a row that follows was
  /// removed meanwhile.
  record SnapshotBegin(Token token) implements WatchEvent {}

  /// A key that has a value.
  ///
  /// @param view empty if the value has more parts than are read at once; read it by its parts
  record Row(String key, Optional<View> view) implements WatchEvent {}

  /// The state is told.
  ///
  /// @param token as the snapshot began with; resume with it
  record SnapshotEnd(Token token) implements WatchEvent {}

  /// A key that has changed.
  ///
  /// @param view what it reads now; [View.Absent] if it was removed; empty as for a [Row]
  record Change(String key, Optional<View> view) implements WatchEvent {}

  /// All changes up to this cut are told.
  ///
  /// @param token resume with it, on any node
  record UpToDate(Token token) implements WatchEvent {}

  /// The changes since the last token cannot be told one by one: a snapshot follows.
  record Resync(Cause cause) implements WatchEvent {}

  /// Nothing has happened for [Watch#PING]; the watch lives.
  record Ping() implements WatchEvent {}

  /// Why there is a snapshot instead of changes.
  enum Cause {
    /// The log no longer reaches back to the token.
    BEHIND_LOG("behind-log"),
    /// More keys changed than are kept for a watcher that is slow or was away.
    TOO_MANY_CHANGES("too-many-changes");

    private final String label;

    Cause(String label) {
      this.label = label;
    }

    /// The word for it on every surface.
    public String label() {
      return label;
    }
  }
}
