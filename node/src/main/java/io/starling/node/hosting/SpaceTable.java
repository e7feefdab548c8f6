package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.peer.SpaceInbox;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/// The spaces that are open on this node, and the way to them for what peers say.
final class SpaceTable implements SpaceInbox {

  private final Map<String, HostedSpace> byName = new ConcurrentSkipListMap<>();
  private final Map<SpaceId, HostedSpace> byId = new ConcurrentHashMap<>();
  private final TreeSet<KeyFingerprint> up = new TreeSet<>();
  private final SpaceGate gate;
  private volatile Consumer<KeyFingerprint> whenUp = _ -> {};
  private volatile Consumer<byte[]> whenDismissed = _ -> {};

  /// Has those run who want to know of peers that are up, and of what they say of this node.
  void listen(Consumer<KeyFingerprint> whenUp, Consumer<byte[]> whenDismissed) {
    this.whenUp = whenUp;
    this.whenDismissed = whenDismissed;
  }

  /// The peers that are up.
  synchronized SortedSet<KeyFingerprint> up() {
    return new TreeSet<>(up);
  }

  @Override
  public void dismissed(byte[] statement) {
    whenDismissed.accept(statement);
  }

  SpaceTable(SpaceGate gate) {
    this.gate = gate;
  }

  /// Adds a space and tells it which peers are up.
  synchronized void add(HostedSpace space) {
    byName.put(space.name(), space);
    byId.put(space.id(), space);
    up.forEach(peer -> space.loop().peer(peer, true));
  }

  /// Takes a space out: neither clients nor peers find it any more.
  synchronized void remove(HostedSpace space) {
    byName.remove(space.name(), space);
    byId.remove(space.id(), space);
  }

  Optional<HostedSpace> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  List<HostedSpace> all() {
    return List.copyOf(byName.values());
  }

  @Override
  public boolean arrived(KeyFingerprint peer, List<Message> messages) {
    boolean tookAll = true;
    for (var message : messages) {
      if (gate.isSealed() && brings(message)) {
        continue;
      }
      var space = byId.get(message.space());
      tookAll &= space != null && space.loop().arrived(peer, message);
    }
    return tookAll;
  }

  /// Whether a message brings batches, or leads to them.
  private static boolean brings(Message message) {
    return switch (message) {
      case Message.Batches _, Message.Announcement _, Message.Behind _ -> true;
      case Message.Pull _,
          Message.Ask _,
          Message.Acknowledged _,
          Message.Evidence _,
          Message.Transferred _ ->
          false;
    };
  }

  @Override
  public synchronized void peerUp(KeyFingerprint peer) {
    up.add(peer);
    byName.values().forEach(space -> space.loop().peer(peer, true));
    whenUp.accept(peer);
  }

  @Override
  public synchronized void peerDown(KeyFingerprint peer) {
    up.remove(peer);
    byName.values().forEach(space -> space.loop().peer(peer, false));
  }

  @Override
  public Optional<VersionVector> applied(SpaceId id) {
    return Optional.ofNullable(byId.get(id)).map(space -> space.loop().applied().vector());
  }
}
