package io.starling.node.discovery;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;
import io.starling.node.peer.PeerHints;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Keeps what hints ask for. Safe to use from any thread.
public final class RecordedHints implements PeerHints {

  /// One peer at one address.
  public record At(PeerAddress address, KeyFingerprint claimed) {}

  private final Set<At> standing = new LinkedHashSet<>();
  private final List<KeyFingerprint> doubted = new ArrayList<>();
  private final Set<PeerAddress> failing = new LinkedHashSet<>();
  private int standingMost;

  @Override
  public synchronized void suggest(PeerAddress address, KeyFingerprint claimed) {
    standing.add(new At(address, claimed));
    standingMost = Math.max(standingMost, standing.size());
  }

  @Override
  public synchronized void withdraw(PeerAddress address, KeyFingerprint claimed) {
    standing.remove(new At(address, claimed));
  }

  @Override
  public synchronized void doubt(KeyFingerprint peer) {
    doubted.add(peer);
  }

  @Override
  public synchronized Outlook outlook(PeerAddress address) {
    return failing.contains(address) ? Outlook.FAILING : Outlook.UNTRIED;
  }

  /// From now on nobody answers at an address.
  public synchronized void fail(PeerAddress address) {
    failing.add(address);
  }

  public synchronized Set<At> standing() {
    return new LinkedHashSet<>(standing);
  }

  public synchronized int standingMost() {
    return standingMost;
  }

  public synchronized List<KeyFingerprint> doubted() {
    return List.copyOf(doubted);
  }
}
