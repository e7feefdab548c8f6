package io.starling.node.loop;

/// Bounds of what waits for a loop.
///
/// @param submissions transactions of clients; over it, refused with RESOURCE_EXHAUSTED
/// @param submissionBytes their estimated bytes; over it, the same
/// @param arrivals messages of peers; over it, dropped and pulled again
/// @param arrivalBytes their bytes; over it, the same
/// @param turnBytes of either that are handed to the engine at once, and so become durable in one
///   write; more makes fewer writes under load and longer waits for each
public record QueueLimits(
    int submissions, long submissionBytes, int arrivals, long arrivalBytes, long turnBytes) {

  public static final QueueLimits DEFAULT =
      new QueueLimits(8_192, 16 << 20, 8_192, 32 << 20, 4 << 20);
}
