package io.starling.node.transport;

import io.starling.replica.batch.SpaceId;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/// What waits to be sent to one peer, bounded in frames and bytes. Not thread-safe.
///
/// Beacons, pulls and the like go first, for they are small and repair what is lost; then batches.
/// Of each the spaces take turns, so that each is sent as many bytes as any other that has
/// something to send. When the batches reach their bound, whose space has the most of them waiting
/// has to do with less: so the bound is that of one busy space, and a quiet one always finds room.
///
/// - A fresh one is dropped, and so are all fresh ones of its space after it until nothing of the
///   space waits: past a gap they would only fill the peer's causal buffer, while those before the
///   gap can still be applied. A beacon shows the peer the gap, and it pulls.
/// - An answer to a pull takes the place of the fresh ones of its space that wait, for it is what
///   the peer can use next.
final class Outbox {

  private final TransportLimits.Queue limits;
  private final Map<Optional<SpaceId>, Lane> lanes = new LinkedHashMap<>();
  private int smallFrames;
  private long smallBytes;
  private int batchFrames;
  private long batchBytes;
  // How far the lane has come that was served last; see Lane.
  private long served;

  Outbox(TransportLimits.Queue limits) {
    this.limits = limits;
  }

  /// What waits of one space, or of none.
  private static final class Lane {
    private final Deque<Outgoing> small = new ArrayDeque<>();
    private final Deque<Outgoing> batches = new ArrayDeque<>();
    private long batchBytes;
    private boolean hasGap;
    // Bytes it was sent, counted from where the others were when it began to wait: whoever has the
    // least is next.
    private long sent;

    private Lane(long sent) {
      this.sent = sent;
    }

    private boolean isEmpty() {
      return small.isEmpty() && batches.isEmpty();
    }
  }

  /// Takes a frame, or drops it, or drops others for it.
  ///
  /// @return how many frames were dropped
  int offer(Outgoing next) {
    var lane = lanes.computeIfAbsent(next.space(), _ -> new Lane(served));
    int dropped =
        switch (next.kind()) {
          case BATCHES, TRANSFER -> offerBatches(lane, next);
          default -> offerSmall(lane, next);
        };
    lanes.values().removeIf(Lane::isEmpty);
    return dropped;
  }

  /// The next frame to send.
  Optional<Outgoing> poll() {
    var first = next(it -> !it.small.isEmpty());
    if (first.isPresent()) {
      var frame = first.get().small.removeFirst();
      smallFrames--;
      smallBytes -= frame.bytes();
      return Optional.of(sent(first.get(), frame));
    }
    var second = next(it -> !it.batches.isEmpty());
    if (second.isEmpty()) {
      return Optional.empty();
    }
    var frame = second.get().batches.removeFirst();
    removed(second.get(), frame);
    return Optional.of(sent(second.get(), frame));
  }

  private Optional<Lane> next(Predicate<Lane> hasSome) {
    return lanes.values().stream().filter(hasSome).min(Comparator.comparingLong(it -> it.sent));
  }

  private Outgoing sent(Lane lane, Outgoing frame) {
    served = Math.max(served, lane.sent);
    lane.sent += frame.bytes();
    if (lane.batches.isEmpty()) {
      lane.hasGap = false;
    }
    lanes.values().removeIf(Lane::isEmpty);
    return frame;
  }

  /// Drops everything.
  ///
  /// @return how many frames were dropped
  int clear() {
    int dropped = frames();
    lanes.clear();
    smallFrames = 0;
    smallBytes = 0;
    batchFrames = 0;
    batchBytes = 0;
    return dropped;
  }

  int frames() {
    return smallFrames + batchFrames;
  }

  long bytes() {
    return smallBytes + batchBytes;
  }

  /// Over the bound the oldest goes of whoever has the most.
  private int offerSmall(Lane lane, Outgoing next) {
    int dropped = 0;
    lane.small.addLast(next);
    smallFrames++;
    smallBytes += next.bytes();
    while (smallFrames > limits.smallFrames() || smallBytes > limits.bytes()) {
      var most = most(it -> it.small.size());
      smallBytes -= most.small.removeFirst().bytes();
      smallFrames--;
      dropped++;
    }
    return dropped;
  }

  private int offerBatches(Lane lane, Outgoing next) {
    if (lane.hasGap && !next.isAnswer()) {
      return 1;
    }
    int dropped = 0;
    while (!hasRoomFor(next)) {
      var most = batchFrames < limits.frames() ? most(byBytes(lane, next)) : most(byFrames(lane));
      boolean mayTake = most.equals(lane) ? next.isAnswer() && dropFresh(lane) : dropLast(most);
      if (!mayTake) {
        lane.hasGap |= !lane.batches.isEmpty();
        return dropped + 1;
      }
      dropped++;
    }
    lane.batches.addLast(next);
    lane.batchBytes += next.bytes();
    batchFrames++;
    batchBytes += next.bytes();
    return dropped;
  }

  // With what is offered counted in: of two that would have the same, the other one keeps what it
  // has.
  private static ToLongFunction<Lane> byBytes(Lane lane, Outgoing next) {
    return it -> it.equals(lane) ? 2 * (it.batchBytes + next.bytes()) + 1 : 2 * it.batchBytes;
  }

  private static ToLongFunction<Lane> byFrames(Lane lane) {
    return it -> it.equals(lane) ? 2L * (it.batches.size() + 1) + 1 : 2L * it.batches.size();
  }

  private Lane most(ToLongFunction<Lane> measure) {
    return lanes.values().stream().max(Comparator.comparingLong(measure)).orElseThrow();
  }

  /// Drops one that the peer has not asked for, the latest.
  private boolean dropFresh(Lane lane) {
    for (Iterator<Outgoing> waiting = lane.batches.descendingIterator(); waiting.hasNext(); ) {
      var last = waiting.next();
      if (!last.isAnswer()) {
        waiting.remove();
        removed(lane, last);
        lane.hasGap = true;
        return true;
      }
    }
    return false;
  }

  /// The same, or if it has asked for all, the latest of these.
  private boolean dropLast(Lane lane) {
    if (!dropFresh(lane)) {
      removed(lane, lane.batches.removeLast());
      lane.hasGap = true;
    }
    return true;
  }

  private void removed(Lane lane, Outgoing frame) {
    lane.batchBytes -= frame.bytes();
    batchFrames--;
    batchBytes -= frame.bytes();
  }

  private boolean hasRoomFor(Outgoing next) {
    return batchFrames < limits.frames() && batchBytes + next.bytes() <= limits.bytes();
  }
}
