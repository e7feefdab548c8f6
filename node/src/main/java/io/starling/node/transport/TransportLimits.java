package io.starling.node.transport;

import java.time.Duration;

/// Every bound of the transport, with what happens at it.
///
/// @param peers links at one time; over it, a further node is refused until one goes
/// @param queue what waits to be sent to one peer
/// @param timing when things are done and given up
/// @param faults what one peer may send that cannot be valid
public record TransportLimits(int peers, Queue queue, Timing timing, Faults faults) {

  /// Bytes of a frame. A batch of the largest valid size fits.
  public static final int FRAME_BYTES_MAX = 1024 * 1024;

  /// Bytes of HTTP/2 headers.
  static final int METADATA_BYTES_MAX = 8 * 1024;

  /// Streams on one connection.
  static final int CALLS_PER_CONNECTION_MAX = 64;

  /// HTTP/2 stream resets that a connection may cause, received or provoked, in
  /// [#RESETS_WINDOW_SECONDS]; over it, it is closed.
  static final int RESETS_MAX = 200;

  static final int RESETS_WINDOW_SECONDS = 30;

  /// Certificates in a Hello, and fingerprints that it asks for.
  static final int HELLO_ENTRIES_MAX = 256;

  /// How long a peer that is said to be gone has for a sign of life. Shorter cuts peers that are
  /// only busy, longer notices the loss later.
  static final Duration PROBE_WITHIN = Duration.ofSeconds(3);

  /// How long the streams of a peer that has left are let stand, so that it hears that its leaving
  /// is known. Shorter makes it dial again to hear it, longer keeps one that should have stopped.
  static final Duration FAREWELL = Duration.ofSeconds(30);

  /// How often is looked whether somebody else is at the address of a peer that has left.
  static final Duration ABANDONED_PAUSE = Duration.ofSeconds(10);

  public static final TransportLimits DEFAULT =
      new TransportLimits(256, Queue.DEFAULT, Timing.DEFAULT, Faults.DEFAULT);

  /// The bound of what waits for one peer. At the bound batches are dropped and the peer pulls.
  ///
  /// @param bytes of batches; higher costs memory for each slow peer, lower sends them pulling
  /// @param frames of batches
  /// @param smallFrames of everything else; over it, the oldest is dropped
  public record Queue(int bytes, int frames, int smallFrames) {
    static final Queue DEFAULT = new Queue(8 * 1024 * 1024, 4_096, 256);
  }

  /// When things are done and given up.
  ///
  /// @param helloWithin a stream without a Hello by then is closed; TLS handshakes likewise
  /// @param echoEvery how often each end of a stream says that it is alive
  /// @param silence a stream on which nothing was heard for so long is closed
  /// @param redialFirst the pause after a link was lost; doubles up to `redialMax`, each time
  ///   between half and one and a half of it, so that peers do not dial in step
  /// @param redialMax the longest pause
  public record Timing(
      Duration helloWithin,
      Duration echoEvery,
      Duration silence,
      Duration redialFirst,
      Duration redialMax) {
    static final Timing DEFAULT =
        new Timing(
            Duration.ofSeconds(10),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(10));
  }

  /// What is borne of a peer that sends what cannot be valid.
  ///
  /// @param allowed faults within `window`; at the next one the peer is shut out
  /// @param window over which faults are counted
  /// @param shutOutFirst how long; doubles each time up to `shutOutMax`
  /// @param shutOutMax the longest time
  public record Faults(int allowed, Duration window, Duration shutOutFirst, Duration shutOutMax) {
    static final Faults DEFAULT =
        new Faults(3, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ofMinutes(10));
  }
}
