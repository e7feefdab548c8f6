package io.starling.node.backup.repository;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The right to add to a repository, shared by any number, or to delete from it, which only one has
/// while nobody adds.
///
/// It is an object that says until when somebody is at work, written anew now and then. One that
/// was not written for [#STALE] counts as given up, so nobody has to break the lease of a process
/// that was killed. And whoever did not write it for [#HOLD], be it that the machine slept, stops
/// before the moment at which others may take it for given up. That rests on clocks that differ by
/// less than the difference of the two.
///
/// For one thread.
public final class Lease implements AutoCloseable {

  /// After this without a renewal a lease counts as given up.
  public static final Duration STALE = Duration.ofMinutes(15);

  /// After this without a renewal its holder gives up.
  public static final Duration HOLD = Duration.ofMinutes(7);

  private static final Duration RENEW = Duration.ofSeconds(30);

  private final String name;
  private final Body body;
  private final Blobs blobs;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private Instant renewed;
  private long renewedNanos;
  private boolean isClosed;

  /// Writes the lease.
  @FunctionalInterface
  interface Body {
    byte[] at(Instant now);
  }

  Lease(String name, Body body, Blobs blobs, InstantSource clock, LongSupplier nanos)
      throws IOException {
    this.name = name;
    this.body = body;
    this.blobs = blobs;
    this.clock = clock;
    this.nanos = nanos;
    this.renewed = clock.instant();
    this.renewedNanos = nanos.getAsLong();
    blobs.put(name, body.at(renewed));
  }

  /// Says that its holder is still at work, if it is time to. To be called often.
  ///
  /// @throws RepositoryException if it was held up for so long that others may have taken it for
  ///   given up: what was begun must not be finished
  public void renew() throws IOException {
    requireHeld();
    var now = clock.instant();
    long ticks = nanos.getAsLong();
    if (Duration.between(renewed, now).compareTo(RENEW) >= 0
        || ticks - renewedNanos >= RENEW.toNanos()) {
      blobs.put(name, body.at(now));
      // Measured from before it was written: later would be a promise too much.
      renewed = now;
      renewedNanos = ticks;
    }
  }

  /// @throws RepositoryException as [#renew()] does
  public void requireHeld() throws RepositoryException {
    boolean isHeld =
        Duration.between(renewed, clock.instant()).abs().compareTo(HOLD) < 0
            && nanos.getAsLong() - renewedNanos < HOLD.toNanos();
    if (!isHeld) {
      throw new RepositoryException(
          "this was held up for more than "
              + HOLD.toMinutes()
              + " minutes, and others may have taken it for given up; run it again");
    }
  }

  @Override
  public void close() throws IOException {
    if (!isClosed) {
      isClosed = true;
      blobs.delete(name);
    }
  }
}
