package io.starling.node.transport;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// What waits to be sent to one peer, bounded in frames and bytes. Not thread-safe.
///
/// Two lanes: beacons, pulls and the like first, for they are small and repair what is lost; then
/// batches. When the batches reach their bound,
///
/// - a fresh one is dropped, and so are all fresh ones after it until the lane is empty: past a gap
///   they would only fill the peer's causal buffer, while those before the gap can still be
///   applied. A beacon shows the peer the gap, and it pulls;
/// - an answer to a pull takes the place of the fresh ones that wait, for it is what the peer can
///   use next.
final class Outbox {

  private final TransportLimits.Queue limits;
  private final Deque<Outgoing> small = new ArrayDeque<>();
  private final Deque<Outgoing> batches = new ArrayDeque<>();
  private long smallBytes;
  private long batchBytes;
  private boolean hasGap;

  Outbox(TransportLimits.Queue limits) {
    this.limits = limits;
  }

  /// Takes a frame, or drops it, or drops others for it.
  ///
  /// @return how many frames were dropped
  int offer(Outgoing next) {
    return switch (next.kind()) {
      case BATCHES, TRANSFER -> offerBatches(next);
      default -> offerSmall(next);
    };
  }

  /// The next frame to send.
  Optional<Outgoing> poll() {
    var first = Optional.ofNullable(small.pollFirst());
    if (first.isPresent()) {
      smallBytes -= first.get().bytes();
      return first;
    }
    var batch = Optional.ofNullable(batches.pollFirst());
    batch.ifPresent(taken -> batchBytes -= taken.bytes());
    if (batches.isEmpty()) {
      hasGap = false;
    }
    return batch;
  }

  /// Drops everything.
  ///
  /// @return how many frames were dropped
  int clear() {
    int dropped = small.size() + batches.size();
    small.clear();
    batches.clear();
    smallBytes = 0;
    batchBytes = 0;
    hasGap = false;
    return dropped;
  }

  int frames() {
    return small.size() + batches.size();
  }

  long bytes() {
    return smallBytes + batchBytes;
  }

  private int offerSmall(Outgoing next) {
    int dropped = 0;
    small.addLast(next);
    smallBytes += next.bytes();
    while (small.size() > limits.smallFrames() || smallBytes > limits.bytes()) {
      smallBytes -= small.removeFirst().bytes();
      dropped++;
    }
    return dropped;
  }

  private int offerBatches(Outgoing next) {
    int dropped = 0;
    if (next.isAnswer() && !hasRoomFor(next)) {
      int before = batches.size();
      batches.removeIf(waiting -> !waiting.isAnswer());
      batchBytes = batches.stream().mapToLong(Outgoing::bytes).sum();
      dropped = before - batches.size();
      hasGap |= dropped > 0;
    }
    boolean isPastGap = hasGap && !next.isAnswer();
    if (isPastGap || !hasRoomFor(next)) {
      hasGap |= !batches.isEmpty();
      return dropped + 1;
    }
    batches.addLast(next);
    batchBytes += next.bytes();
    return dropped;
  }

  private boolean hasRoomFor(Outgoing next) {
    return batches.size() < limits.frames() && batchBytes + next.bytes() <= limits.bytes();
  }
}
