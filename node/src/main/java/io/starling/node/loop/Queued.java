package io.starling.node.loop;

/// What waits for a loop at one moment.
public record Queued(int submissions, long submissionBytes, int arrivals, long arrivalBytes) {}
