package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.loop.LoopObserver;
import io.starling.node.loop.QueueLimits;
import io.starling.node.peer.PeerLinks;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.storage.NodeStore;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.Revocation;
import io.starling.replica.port.Signer;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// What the spaces of a node are made with.
///
/// @param identity in whose name batches are written
/// @param store where they are kept; closed by whoever opened it
/// @param links the way to peers
/// @param limits of the engine
/// @param proof what it takes for another member's state to be taken over
/// @param queues bounds of what waits for each loop
/// @param records where the node writes down what happens
public record HostParts(
    Identity identity,
    NodeStore store,
    PeerLinks links,
    Limits limits,
    Proof proof,
    QueueLimits queues,
    Records records) {

  /// Who a node is, and how it knows others.
  ///
  /// @param genuine whether a batch was signed by whom it names
  /// @param revocation reads a signed revocation; empty if the authority has not signed it
  public record Identity(
      ClusterId cluster,
      KeyFingerprint key,
      Signer signer,
      Predicate<SignedBatch> genuine,
      Function<byte[], Optional<Revocation>> revocation) {

    /// In a cluster whose authority revokes nobody.
    public Identity(
        ClusterId cluster, KeyFingerprint key, Signer signer, Predicate<SignedBatch> genuine) {
      this(cluster, key, signer, genuine, _ -> Optional.empty());
    }
  }

  /// Where a node writes down what happens, and by which clock.
  ///
  /// @param meter what measures the space with a name
  /// @param trace what traces its loop
  public record Records(
      ActivityRing activity,
      AlarmBook alarms,
      Function<String, SpaceMeter> meter,
      Function<String, LoopObserver> trace,
      InstantSource clock) {

    /// Without measuring and tracing.
    public Records(ActivityRing activity, AlarmBook alarms, InstantSource clock) {
      this(activity, alarms, _ -> new SpaceMeter() {}, _ -> new LoopObserver() {}, clock);
    }
  }
}
