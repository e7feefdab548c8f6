package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.TransferEncoding;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;

/// Nodes of two versions in one cluster: some read only the first form of what is said between
/// peers, until they are upgraded. Each announces in `_system` what it reads, as nodes of the
/// product do, and says nothing in a newer form than all have announced (ADR 18).
///
/// In a world in which nobody is behind, nothing is announced, and all read all.
public final class Versions {

  private static final int FIRST_FORM = 1;
  private static final Duration ANNOUNCE_AGAIN = Duration.ofSeconds(5);

  private final World world;
  private final TreeSet<Integer> older = new TreeSet<>();
  private final TreeSet<Integer> founders = new TreeSet<>();
  private boolean isMixed;
  private Rule rule = Versions::least;

  /// What form a node writes.
  @FunctionalInterface
  public interface Rule {
    /// @param own the newest that it reads
    /// @param members what members have announced, those away or lapsed included
    int form(int own, SortedMap<KeyFingerprint, Integer> members);
  }

  Versions(World world) {
    this.world = world;
  }

  /// Has a node read only the first form, from its start on.
  ///
  /// @throws IllegalStateException if it has been started
  public void begin(SimulatedNode node) {
    if (node.starts() > 0) {
      throw new IllegalStateException(node + " runs already");
    }
    isMixed = true;
    older.add(node.number());
    founders.add(node.number());
    world.note(node, "is of the older version");
  }

  /// Says how all decide in which form they write: bugs in that are planted here.
  public void decideBy(Rule other) {
    rule = other;
  }

  /// Whether there were nodes of two versions in this run.
  public boolean areMixed() {
    return isMixed;
  }

  /// Whether a node reads only the first form.
  public boolean isOlder(SimulatedNode node) {
    return older.contains(node.number());
  }

  /// Gives a node the newer version, and starts it again if it runs.
  public void upgrade(SimulatedNode node) {
    if (older.remove(node.number())) {
      world.counts().add("fault: upgrade");
      world.note(node, "is upgraded");
      if (node.isUp() && !node.isGone()) {
        node.restart();
      }
    }
  }

  /// Whether somebody has not announced yet what it reads.
  public boolean isUnderWay() {
    return isMixed && world.remaining().stream().anyMatch(node -> !hasAnnounced(node));
  }

  /// Whether a message can be read only by the newer version.
  public static boolean isNewer(Message message) {
    if (message instanceof Message.Batches(_, var batches, _)) {
      return batches.stream().anyMatch(it -> BatchEncoding.format(it.batch()) > FIRST_FORM);
    }
    return message instanceof Message.Transferred(_, _, var transfer)
        && switch (transfer) {
          case Transfer.Ask(_, boolean withBranches) -> withBranches;
          case Transfer.Compare(_, _, _, boolean withBranches) -> withBranches;
          case Transfer.Compared answer -> answer.branches().isPresent();
          case Transfer.Page page ->
              page.rows().stream().anyMatch(Transfer.Row.BranchRow.class::isInstance);
          case Transfer.Offer _, Transfer.Leaves _, Transfer.Get _ -> false;
          case Transfer.Looking _, Transfer.Fetch _, Transfer.Refused _ -> false;
        };
  }

  /// The newest form that a node and all members read, as it has heard.
  ///
  /// @param reachable with whom it is linked, and of whom it may know nothing yet
  int form(SimulatedNode node, List<KeyFingerprint> reachable) {
    var members = node.heard().members();
    if (members.isEmpty() || !members.containsAll(reachable) || !hasHeardOfFounders(node)) {
      return FIRST_FORM;
    }
    return isMixed ? rule.form(own(node), node.heard().forms()) : TransferEncoding.BRANCHES_FORM;
  }

  /// Whether a node knows of all that were of the older version when the cluster began. In
  /// production they had described themselves long before there was a newer one.
  private boolean hasHeardOfFounders(SimulatedNode node) {
    return world.nodes().stream()
        .filter(founder -> founders.contains(founder.number()))
        .allMatch(founder -> !world.joining().isPossible() || node.heard().hasDescribed(founder));
  }

  /// Whether that is the newest there is.
  public boolean areAllNewer(SimulatedNode node, List<KeyFingerprint> reachable) {
    return form(node, reachable) == TransferEncoding.BRANCHES_FORM;
  }

  private static int least(int own, SortedMap<KeyFingerprint, Integer> members) {
    return members.values().stream().reduce(own, Math::min);
  }

  private int own(SimulatedNode node) {
    return isOlder(node) ? FIRST_FORM : TransferEncoding.BRANCHES_FORM;
  }

  private boolean hasAnnounced(SimulatedNode node) {
    return node.heard().form(node.key()) == own(node);
  }

  /// The process of a node has started, or runs for a while.
  void announce(SimulatedNode node) {
    if (!isMixed) {
      return;
    }
    if (!node.isPaused() && !hasAnnounced(node)) {
      world.write(node.system(), HeardMembers.announcement(node, own(node)));
    }
    int start = node.starts();
    world
        .agenda()
        .after(
            ANNOUNCE_AGAIN.toNanos(),
            () -> {
              boolean isStill = node.isUp() && node.starts() == start;
              if (isStill && !hasAnnounced(node)) {
                announce(node);
              }
            });
  }
}
