package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.node.space.SpaceSettings;
import io.starling.replica.membership.Revocations;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Supplier;

/// The members that host one space: whoever else is a member of the cluster is none of it.
record SpaceHosts(Members cluster, Supplier<SpaceSettings> settings) implements Members {

  @Override
  public List<Member> all() {
    var now = settings.get();
    return now.members().isEmpty()
        ? cluster.all()
        : cluster.all().stream().filter(it -> now.isHost(it.key())).toList();
  }

  @Override
  public boolean isHost(KeyFingerprint key) {
    return settings.get().isHost(key);
  }

  @Override
  public Revocations revocations() {
    return cluster.revocations();
  }

  @Override
  public SortedSet<KeyFingerprint> lapsed() {
    return cluster.lapsed();
  }
}
