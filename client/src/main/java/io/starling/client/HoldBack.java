package io.starling.client;

import io.starling.proto.v1.ResyncCause;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Events that wait for their token, so that after a break nothing is told twice.
///
/// A group that is larger than the bound is told as it comes; if it breaks off, what was told of it
/// can only be made good by a snapshot.
final class HoldBack {

  /// Events held, at most.
  static final int EVENTS_MAX = 10_000;

  /// Their bytes on the wire, at most.
  static final long BYTES_MAX = 8 << 20;

  private final List<WatchEvent> held = new ArrayList<>();
  private long bytes;
  private boolean isOverflowing;

  /// Takes an event, and returns what is to be told now: nothing, or a group up to its token, or
  /// beyond the bound whatever there is.
  List<WatchEvent> take(io.starling.proto.v1.WatchEvent message) {
    var event = read(message);
    if (event.isEmpty()) {
      return List.of();
    }
    held.add(event.get());
    bytes += message.getSerializedSize();
    boolean isWhole = token(event.get()).isPresent();
    isOverflowing = !isWhole && (isOverflowing || held.size() > EVENTS_MAX || bytes > BYTES_MAX);
    if (!isWhole && !isOverflowing) {
      return List.of();
    }
    var told = List.copyOf(held);
    held.clear();
    bytes = 0;
    return told;
  }

  /// The stream broke.
  ///
  /// @return whether a part of a group has been told
  boolean breakOff() {
    held.clear();
    bytes = 0;
    boolean wasOverflowing = isOverflowing;
    isOverflowing = false;
    return wasOverflowing;
  }

  /// The cut at which a group is complete.
  static Optional<ReadToken> token(WatchEvent event) {
    return switch (event) {
      case WatchEvent.SnapshotEnd(var token) -> Optional.of(token);
      case WatchEvent.UpToDate(var token) -> Optional.of(token);
      case WatchEvent.SnapshotBegin _, WatchEvent.Row _ -> Optional.empty();
      case WatchEvent.Change _, WatchEvent.Resync _ -> Optional.empty();
    };
  }

  private static Optional<WatchEvent> read(io.starling.proto.v1.WatchEvent message) {
    return switch (message.getEventCase()) {
      case SNAPSHOT_BEGIN ->
          Optional.of(
              new WatchEvent.SnapshotBegin(new ReadToken(message.getSnapshotBegin().getToken())));
      case ROW -> Optional.of(new WatchEvent.Row(message.getRow().getKey(), of(message.getRow())));
      case SNAPSHOT_END ->
          Optional.of(
              new WatchEvent.SnapshotEnd(new ReadToken(message.getSnapshotEnd().getToken())));
      case CHANGE ->
          Optional.of(new WatchEvent.Change(message.getChange().getKey(), of(message.getChange())));
      case UP_TO_DATE ->
          Optional.of(new WatchEvent.UpToDate(new ReadToken(message.getUpToDate().getToken())));
      case RESYNC -> Optional.of(new WatchEvent.Resync(cause(message.getResync().getCause())));
      // A kind that a later node may know tells nothing that this contract needs.
      case PING, EVENT_NOT_SET -> Optional.empty();
    };
  }

  private static Reading of(io.starling.proto.v1.Entry entry) {
    return Reading.of(Place.at(entry.getKey()), entry.getReading(), Optional.empty());
  }

  private static WatchEvent.Cause cause(ResyncCause cause) {
    return switch (cause) {
      case RESYNC_CAUSE_BEHIND_LOG -> WatchEvent.Cause.BEHIND_LOG;
      case RESYNC_CAUSE_TOO_MANY_CHANGES, RESYNC_CAUSE_UNSPECIFIED, UNRECOGNIZED ->
          WatchEvent.Cause.TOO_MANY_CHANGES;
    };
  }
}
