package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import java.util.SortedSet;
import java.util.TreeMap;

/// Who hosts the spaces of a run, as one node's `_system` says; of a generation that is no more the
/// present one, as it said last.
///
/// Looked up when more of `_system` is durable; not at all in runs in which no hosts were named.
final class NamedHosts {

  private final World world;
  private final SimulatedNode node;
  private final TreeMap<SpaceId, SortedSet<KeyFingerprint>> named = new TreeMap<>();
  private int heardAt = -1;

  NamedHosts(World world, SimulatedNode node) {
    this.world = world;
    this.node = node;
  }

  /// The store is another one now.
  void forget() {
    heardAt = -1;
    named.clear();
  }

  boolean isHost(String name, long generation, KeyFingerprint member) {
    refresh();
    var hosts = named.get(world.spaceId(name, generation));
    return hosts == null || hosts.isEmpty()
        ? SpaceNotes.isHost(name, generation, world.keys().node(member))
        : hosts.contains(member);
  }

  private void refresh() {
    int size = node.system().ledger().size();
    if (size == heardAt || !world.statements().isAnyHostStated()) {
      return;
    }
    try {
      for (var name : SpaceNotes.NAMES) {
        var notes = world.notes(node.system(), name);
        if (notes.isCreated()) {
          named.put(world.spaceId(name, notes.generation()), notes.named());
        }
      }
      heardAt = size;
    } catch (StorageFailure unreadable) {
      // Hosts are taken for what they were; whoever has to know finds the damage himself.
      world.counts().add("hosts that cannot be read");
    }
  }
}
