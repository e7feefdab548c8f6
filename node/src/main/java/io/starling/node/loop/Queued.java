package io.starling.node.loop;

/// What waits for a loop at one moment.
///
/// @param tasks what is to run on its thread: beginnings of watches, mostly
public record Queued(
    int submissions, long submissionBytes, int arrivals, long arrivalBytes, int tasks) {}
