package io.starling.node.hosting;

import io.starling.node.loop.LoopObserver;
import io.starling.node.status.CatchUpProgress;
import io.starling.replica.status.SpaceStatus;
import io.starling.replica.status.SpaceStatus.CatchingUp;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// How fast a state is taken over, and how long that will take: from what had come at several
/// moments of the last seconds. Told on the loop's thread, asked on any.
final class CatchUpPace implements LoopObserver {

  /// Over how long a rate is taken.
  static final Duration WINDOW = Duration.ofSeconds(10);

  /// What is between two samples at least, so that there are at most 41.
  static final Duration APART = Duration.ofMillis(250);

  /// A rate over less says nothing.
  static final Duration LEAST = Duration.ofSeconds(1);

  private static final long MILLIS_PER_SECOND = 1_000;

  private final InstantSource clock;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private volatile Optional<CatchUpProgress> progress = Optional.empty();

  CatchUpPace(InstantSource clock) {
    this.clock = clock;
  }

  private record Sample(long millis, CatchingUp at) {}

  /// How far it has come; empty while nothing is taken over.
  Optional<CatchUpProgress> progress() {
    return progress;
  }

  @Override
  public void told(SpaceStatus status) {
    if (status.catchingUp().isEmpty()) {
      samples.clear();
      progress = Optional.empty();
      return;
    }
    progress = Optional.of(note(new Sample(clock.millis(), status.catchingUp().get())));
  }

  private CatchUpProgress note(Sample now) {
    if (!samples.isEmpty() && !follows(samples.getLast(), now)) {
      samples.clear();
    }
    if (now.at.phase() != SpaceStatus.Phase.FETCHING) {
      return new CatchUpProgress(now.at, Optional.empty(), Optional.empty());
    }
    // The oldest stays until the next one is as old as the window: a rate is over all of that.
    while (samples.size() > 1 && now.millis - second().millis >= WINDOW.toMillis()) {
      samples.removeFirst();
    }
    if (samples.isEmpty() || now.millis - samples.getLast().millis >= APART.toMillis()) {
      samples.addLast(now);
    }
    var first = samples.getFirst();
    long millis = now.millis - first.millis;
    if (millis < LEAST.toMillis()) {
      return new CatchUpProgress(now.at, Optional.empty(), Optional.empty());
    }
    long bytes = now.at.bytes() - first.at.bytes();
    return new CatchUpProgress(
        now.at, Optional.of(bytes * MILLIS_PER_SECOND / millis), remaining(first, now));
  }

  private Sample second() {
    var all = samples.iterator();
    all.next();
    return all.next();
  }

  /// Whether both are of one session: less than before has not come, from another donor neither,
  /// and no clock goes back.
  private static boolean follows(Sample before, Sample now) {
    return now.millis >= before.millis
        && now.at.phase() == before.at.phase()
        && now.at.donor().equals(before.at.donor())
        && now.at.cells() == before.at.cells()
        && now.at.bytes() >= before.at.bytes();
  }

  private static Optional<Duration> remaining(Sample first, Sample now) {
    long came = now.at.fetched() - first.at.fetched();
    if (came <= 0) {
      return Optional.empty();
    }
    double millis = (double) (now.millis - first.millis) / came;
    return Optional.of(Duration.ofMillis(Math.round(millis * (now.at.cells() - now.at.fetched()))));
  }
}
