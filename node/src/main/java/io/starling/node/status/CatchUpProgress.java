package io.starling.node.status;

import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.Optional;

/// How a node comes along in taking over another member's state in a space.
///
/// @param at how far the engine has got
/// @param bytesPerSecond over the last seconds; empty until that is known
/// @param remaining at the rate of the last seconds, if all cells of the donor had to come: so at
///   most that long, and less where this node has some of them; empty while that is not known
public record CatchUpProgress(
    SpaceStatus.CatchingUp at, Optional<Long> bytesPerSecond, Optional<Duration> remaining) {}
