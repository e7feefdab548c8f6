package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.Event;
import io.starling.simulation.chance.Draws;
import java.time.Duration;
import java.util.SortedSet;

/// Who believes to be connected to whom.
///
/// A connection stands while both nodes are up and neither direction between them is cut, unless
/// the cut is silent: then messages are lost and nobody notices. Each side notices a change by
/// itself, some time after it, so the two may disagree for a while.
public final class Connections {

  private final World world;
  private final Draws draws;
  private final boolean[][] sees;
  private final boolean[][] silent;
  private final long[][] changes;
  private final boolean[][] farewell;
  private final boolean[][] met;

  private static final Duration NOTICE_LEAST = Duration.ofMillis(50);
  private static final Duration NOTICE_MOST = Duration.ofSeconds(2);

  /// How long the link of a peer that has left is let stand, so that it hears that this is known.
  private static final Duration FAREWELL = Duration.ofSeconds(30);

  Connections(World world, int nodes, Draws draws) {
    this.world = world;
    this.draws = draws;
    sees = new boolean[nodes][nodes];
    silent = new boolean[nodes][nodes];
    changes = new long[nodes][nodes];
    farewell = new boolean[nodes][nodes];
    met = new boolean[nodes][nodes];
  }

  /// Whether a node believes to be connected to another.
  public boolean sees(int node, int peer) {
    return sees[node][peer];
  }

  /// Cuts or mends the link in one direction.
  ///
  /// @param unnoticed whether the connection seems to stand
  public void cut(int from, int to, boolean isCut, boolean unnoticed) {
    world.network().cut(from, to, isCut);
    silent[from][to] = isCut && unnoticed;
    reconsider(from, to);
  }

  /// Mends everything.
  public void mendAll() {
    for (int from = 0; from < sees.length; from++) {
      for (int to = 0; to < sees.length; to++) {
        if (from != to) {
          cut(from, to, false, false);
        }
      }
    }
  }

  /// Whether a node lets nothing of a peer in, since it knows that it has left.
  boolean refuses(int node, int peer) {
    return world.at(node).knowsLeft(world.keyAt(peer)) && !sees[node][peer];
  }

  /// A node has heard who has left: their links stand for a while yet, and no new ones are taken.
  void heard(int node, SortedSet<KeyFingerprint> left) {
    for (int peer = 0; peer < sees.length; peer++) {
      if (left.contains(world.keyAt(peer)) && !farewell[node][peer]) {
        farewell[node][peer] = true;
        int gone = peer;
        world.agenda().after(FAREWELL.toNanos(), () -> dismiss(node, gone));
        if (!sees[node][gone]) {
          // What it takes for a link, it finds closed.
          noticeLater(gone, node);
        }
      }
    }
  }

  /// A node may have heard of members that it did not know before: the two dial each other.
  void met(int node) {
    for (int peer = 0; peer < sees.length && world.joining().isPossible(); peer++) {
      if (!met[node][peer] && world.joining().areAcquainted(node, peer)) {
        met[node][peer] = true;
        reconsider(node, peer);
      }
    }
  }

  private void dismiss(int node, int gone) {
    if (sees[node][gone]) {
      sees[node][gone] = false;
      noticeLater(gone, node);
      world.at(node).spaces().forEach(it -> it.offer(new Event.PeerDown(world.keyAt(gone))));
    }
  }

  /// Tells a process again whom it is connected to.
  void tell(int node) {
    world.at(node).spaces().forEach(space -> tell(node, space));
  }

  /// Tells a space that is new on a node. What seemed to be another may by now have its own key.
  void tell(int node, SimulatedSpace space) {
    for (int peer = 0; peer < sees.length; peer++) {
      if (sees[node][peer] && !world.keyAt(node).equals(world.keyAt(peer))) {
        space.offer(new Event.PeerUp(world.keyAt(peer)));
      }
    }
  }

  void nodeStarted(int node) {
    for (int peer = 0; peer < sees.length; peer++) {
      reconsider(node, peer);
    }
  }

  void nodeStopped(int node) {
    for (int peer = 0; peer < sees.length; peer++) {
      sees[node][peer] = false;
      met[node][peer] = false;
      reconsider(node, peer);
    }
  }

  private void reconsider(int a, int b) {
    if (a != b) {
      noticeLater(a, b);
      noticeLater(b, a);
    }
  }

  private void noticeLater(int node, int peer) {
    long change = ++changes[node][peer];
    world
        .agenda()
        .after(
            draws.wait(NOTICE_LEAST, NOTICE_MOST),
            () -> {
              if (changes[node][peer] == change) {
                notice(node, peer);
              }
            });
  }

  private void notice(int node, int peer) {
    boolean stands = stands(node, peer);
    var one = world.at(node);
    boolean isNews = one.isUp() && sees[node][peer] != stands;
    sees[node][peer] = stands && one.isUp();
    if (isNews && (stands || !seesKeyOf(node, peer))) {
      var key = world.keyAt(peer);
      var event = stands ? new Event.PeerUp(key) : new Event.PeerDown(key);
      one.spaces().forEach(space -> space.offer(event));
    }
  }

  /// Whether any process with a peer's key is seen.
  private boolean seesKeyOf(int node, int peer) {
    for (int other = 0; other < sees.length; other++) {
      if (sees[node][other] && world.keyAt(other).equals(world.keyAt(peer))) {
        return true;
      }
    }
    return false;
  }

  private boolean stands(int node, int peer) {
    boolean bothUp = world.at(node).isUp() && world.at(peer).isUp();
    // A process refuses another with its own key.
    boolean areTwo = !world.keyAt(node).equals(world.keyAt(peer));
    boolean canBeFound = bothUp && areTwo && world.joining().areAcquainted(node, peer);
    return canBeFound && passes(node, peer) && passes(peer, node) && !isDismissed(node, peer);
  }

  /// Whether one of the two takes no link of the other, since it has left; it is told so.
  private boolean isDismissed(int node, int peer) {
    boolean byPeer = refuses(peer, node);
    if (byPeer && world.at(peer).isUp()) {
      world.at(node).leaving().dismissed();
    }
    return byPeer || refuses(node, peer);
  }

  private boolean passes(int from, int to) {
    return !world.network().isCut(from, to) || silent[from][to];
  }
}
