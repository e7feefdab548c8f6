package io.starling.node.transport;

import io.starling.crdt.causal.KeyFingerprint;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What has gone between this node and a peer since the start, for status and metrics.
///
/// @param name what people call the peer, as its certificate says
/// @param connection how the two are linked now
/// @param in what came, by kind
/// @param out what was handed to the network, by kind
/// @param batches those in them, early, late and repeated ones too
/// @param losses what was dropped, and why
/// @param verification of signatures that came from it
public record PeerTraffic(
    KeyFingerprint key,
    String name,
    Connection connection,
    Map<FrameKind, Flow> in,
    Map<FrameKind, Flow> out,
    Batches batches,
    Losses losses,
    Verification verification) {

  public PeerTraffic {
    in = Map.copyOf(in);
    out = Map.copyOf(out);
  }

  /// How two nodes are linked now.
  ///
  /// @param since when messages could first be sent without a break; empty if they cannot
  /// @param isDialled whether a stream stands that this node has opened
  /// @param isAccepted whether a stream stands that the peer has opened
  /// @param roundTrip of the last echo
  /// @param queuedFrames frames that wait to be sent
  /// @param queuedBytes their bytes
  public record Connection(
      Optional<Instant> since,
      boolean isDialled,
      boolean isAccepted,
      Optional<Duration> roundTrip,
      int queuedFrames,
      long queuedBytes) {}

  /// Frames and their bytes.
  public record Flow(long frames, long bytes) {}

  /// Batches that came and went.
  public record Batches(long in, long out) {}

  /// What was dropped.
  ///
  /// @param unsent frames, because the queue was full or the peer not linked
  /// @param invalid faults: what no correct peer sends
  /// @param unknownOrigin batches and beacons of a signer whose certificate is not known yet
  /// @param unknownSpace messages for a space that does not exist here
  /// @param newerFormat batches that this version cannot read
  /// @param notTaken groups of messages that the loop had no room for
  public record Losses(
      long unsent,
      long invalid,
      long unknownOrigin,
      long unknownSpace,
      long newerFormat,
      long notTaken) {}

  /// Signatures checked, and the time it took.
  public record Verification(long signatures, Duration time) {}
}
