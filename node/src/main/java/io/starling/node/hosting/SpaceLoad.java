package io.starling.node.hosting;

import io.starling.node.loop.Queued;
import io.starling.node.watch.WatchLoad;

/// What waits in a space at one moment.
///
/// @param coverage clients who wait until their tokens are covered here
/// @param acknowledgements clients who wait for other members
public record SpaceLoad(Queued queued, WatchLoad watches, int coverage, int acknowledgements) {}
