package io.starling.node.transport;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.peer.SpaceInbox;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/// Keeps what comes; stands still on demand.
final class RecordingInbox implements SpaceInbox {

  final Set<SpaceId> spaces = ConcurrentHashMap.newKeySet();
  final Set<KeyFingerprint> up = ConcurrentHashMap.newKeySet();
  final Set<KeyFingerprint> everUp = ConcurrentHashMap.newKeySet();
  final Queue<KeyFingerprint> ups = new ConcurrentLinkedQueue<>();
  private final List<Message> messages = new ArrayList<>();
  private volatile CountDownLatch gate = new CountDownLatch(0);

  /// From now on, whoever brings something waits.
  void stand() {
    gate = new CountDownLatch(1);
  }

  void goOn() {
    gate.countDown();
  }

  synchronized List<Message> messages() {
    return List.copyOf(messages);
  }

  List<SignedBatch> batches() {
    var batches = new ArrayList<SignedBatch>();
    for (var message : messages()) {
      if (message instanceof Message.Batches some) {
        batches.addAll(some.batches());
      }
    }
    return batches;
  }

  @Override
  public boolean arrived(KeyFingerprint peer, List<Message> arrived) {
    try {
      gate.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
    synchronized (this) {
      return messages.addAll(arrived);
    }
  }

  @Override
  public void peerUp(KeyFingerprint peer) {
    up.add(peer);
    ups.add(peer);
    everUp.add(peer);
  }

  @Override
  public void peerDown(KeyFingerprint peer) {
    up.remove(peer);
  }

  @Override
  public Optional<VersionVector> applied(SpaceId space) {
    return spaces.contains(space) ? Optional.of(VersionVector.EMPTY) : Optional.empty();
  }
}
