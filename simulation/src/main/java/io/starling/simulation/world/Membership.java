package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.membership.Revocations;
import io.starling.replica.message.TransferEncoding;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Who belongs to the cluster, as a node has heard, for its engines: as production's opener of
/// spaces says it.
record Membership(SimulatedNode node) implements MembershipPort {

  private static final int FIRST_FORM = 1;

  /// Without those for whom no log is kept; one that knows of nobody yet does not know of itself.
  @Override
  public SortedSet<KeyFingerprint> members() {
    var members = new TreeSet<>(node.heard().members());
    members.removeAll(node.heard().lapsed());
    if (!members.isEmpty()) {
      members.add(node.key());
    }
    return members;
  }

  @Override
  public int peerForm() {
    return node.heard().members().isEmpty() ? FIRST_FORM : TransferEncoding.BRANCHES_FORM;
  }

  @Override
  public Revocations revocations() {
    return node.revocations();
  }

  @Override
  public SortedMap<KeyFingerprint, VersionVector> namedElsewhere() {
    var main = node.main();
    return main.isOpen() ? main.status().revocation().namedOfSystem() : new TreeMap<>();
  }
}
