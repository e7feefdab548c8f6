package io.starling.node.watch;

/// The watches of a space at one moment.
///
/// @param pendingKeys names of changed keys that are kept for watchers who have yet to take them
public record WatchLoad(int running, long pendingKeys) {}
