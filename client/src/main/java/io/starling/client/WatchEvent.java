package io.starling.client;

/// What a watcher is told. `docs/watch.md` is the contract; what breaks and pings are about is
/// dealt with here.
///
/// Events come in groups that end with a token: whoever takes a group whole goes from one causally
/// consistent cut to a later one.
public sealed interface WatchEvent {

  /// The state at a cut follows; what was known before and is in no row that follows was removed.
  record SnapshotBegin(ReadToken token) implements WatchEvent {}

  /// A key that has a value.
  record Row(String key, Reading reading) implements WatchEvent {}

  /// The state is told.
  record SnapshotEnd(ReadToken token) implements WatchEvent {}

  /// A key that has changed, with what it reads now: absent, if it was removed.
  record Change(String key, Reading reading) implements WatchEvent {}

  /// All changes up to a cut are told.
  record UpToDate(ReadToken token) implements WatchEvent {}

  /// What was told since the last token may be a part only; a snapshot follows.
  record Resync(Cause cause) implements WatchEvent {}

  /// What made a resync necessary.
  enum Cause {
    /// The log of the node no longer reaches back far enough.
    BEHIND_LOG,
    /// Too many keys changed while the watcher was slow or away.
    TOO_MANY_CHANGES,
    /// The node was lost in a group too large to be held back.
    BROKEN_OFF
  }
}
