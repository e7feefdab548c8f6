package io.starling.client;

import io.starling.proto.v1.StatusResponse;
import java.util.Optional;

/// What a node says of itself, or why it does not.
///
/// @param address as the client was given it
/// @param problem empty if it answered
public record NodeStatus(String address, Optional<StatusResponse> status, String problem) {}
