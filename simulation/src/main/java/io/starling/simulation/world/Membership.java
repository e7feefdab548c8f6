package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.membership.Revocations;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Who belongs to the cluster, as a node has heard, for its engines: as production's opener of
/// spaces says it.
///
/// @param hosts who hosts the space
record Membership(SimulatedNode node, Versions versions, Predicate<KeyFingerprint> hosts)
    implements MembershipPort {

  /// Without those for whom no log is kept; one that knows of nobody yet does not know of itself.
  @Override
  public SortedSet<KeyFingerprint> members() {
    var members = new TreeSet<>(node.heard().members());
    members.removeAll(node.heard().lapsed());
    members.removeIf(hosts.negate());
    if (!members.isEmpty()) {
      members.add(node.key());
    }
    return members;
  }

  @Override
  public int peerForm(List<KeyFingerprint> reachable) {
    return versions.form(node, reachable);
  }

  @Override
  public int batchFormat(List<KeyFingerprint> reachable) {
    return versions.areAllNewer(node, reachable) ? BatchEncoding.FORMAT : 1;
  }

  @Override
  public Revocations revocations() {
    return node.revocations();
  }

  @Override
  public SortedMap<KeyFingerprint, VersionVector> namedElsewhere() {
    var named = new TreeMap<KeyFingerprint, VersionVector>();
    for (var space : node.spaces()) {
      if (space != node.system() && space.isOpen()) {
        space
            .status()
            .revocation()
            .namedOfSystem()
            .forEach((author, vector) -> named.merge(author, vector, VersionVector::join));
      }
    }
    return named;
  }
}
