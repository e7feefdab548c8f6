package io.starling.node.discovery;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;
import io.starling.node.peer.PeerHints;
import io.starling.node.peer.PeerHints.Outlook;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a source has said of its members, as far as it is followed. Safe to use from any thread.
///
/// Of what is said of a member an address to dial is kept, and a peer to ask for a sign of life
/// when the member goes. At most [#HINTS_MAX] are: beyond that a new one takes the place of the
/// eldest at whose address nobody has answered, so that ghosts cannot keep members out.
public final class HintBook {

  private static final Logger LOG = LoggerFactory.getLogger(HintBook.class);

  /// Members of which hints are kept.
  public static final int HINTS_MAX = 256;

  /// Letters of an attribute; longer ones are not looked at.
  static final int TEXT_MAX = 128;

  private final PeerHints peers;
  private final KeyFingerprint self;
  private final DialRules rules;
  private final Map<String, Hint> hints = new LinkedHashMap<>();
  private final Map<HintRefusal, Long> refused = new EnumMap<>(HintRefusal.class);
  private long taken;
  private long losses;

  /// An address to dial, and which peer is said to be there.
  private record Hint(PeerAddress address, KeyFingerprint claimed) {}

  /// What an attempt to read a sighting came to.
  private sealed interface Reading {
    record Good(Hint hint) implements Reading {}

    record Bad(HintRefusal why) implements Reading {}
  }

  /// @param own what this node says of itself
  public HintBook(PeerHints peers, Advertisement own) {
    this.peers = peers;
    this.self = own.node();
    this.rules = new DialRules(own.address());
  }

  /// A member is there. May be repeated, and say something else.
  public synchronized void found(Sighting sighting) {
    switch (read(sighting)) {
      case Reading.Good(var hint) -> keep(sighting.member(), hint);
      case Reading.Bad(var why) -> {
        forget(sighting.member());
        refuse(sighting, why);
      }
    }
  }

  /// A member is gone.
  public synchronized void lost(String member) {
    forget(member)
        .ifPresent(hint -> {
          losses++;
          LOG.debug("peer {} is said to be gone", hint.claimed);
          peers.doubt(hint.claimed);
        });
  }

  /// These are all the members there are.
  public synchronized void present(Collection<Sighting> all) {
    var members = all.stream().map(Sighting::member).collect(Collectors.toSet());
    for (var member : List.copyOf(hints.keySet())) {
      if (!members.contains(member)) {
        lost(member);
      }
    }
    all.forEach(this::found);
  }

  /// The source says nothing any more, which is no hint that anybody is gone.
  public synchronized void clear() {
    new ArrayList<>(hints.keySet()).forEach(this::forget);
  }

  /// What was said, and what became of it.
  public synchronized DiscoveryStatus.Hints status() {
    return new DiscoveryStatus.Hints(hints.size(), taken, losses, refused);
  }

  private void keep(String member, Hint hint) {
    var before = Optional.ofNullable(hints.get(member));
    if (before.isPresent() && !before.get().equals(hint)) {
      forget(member);
      before = Optional.empty();
    }
    if (before.isEmpty()) {
      if (hints.size() >= HINTS_MAX && !makeRoom()) {
        refused.merge(HintRefusal.FULL, 1L, Long::sum);
        return;
      }
      hints.put(member, hint);
      taken++;
      LOG.debug("peer {} is said to be at {}", hint.claimed, hint.address);
    }
    // Again, too: the transport may have had no room for it.
    peers.suggest(hint.address, hint.claimed);
  }

  private boolean makeRoom() {
    var ghost =
        hints.entrySet().stream()
            .filter(it -> peers.outlook(it.getValue().address) == Outlook.FAILING)
            .map(Map.Entry::getKey)
            .findFirst();
    ghost.ifPresent(this::forget);
    return ghost.isPresent();
  }

  private Optional<Hint> forget(String member) {
    var hint = Optional.ofNullable(hints.remove(member));
    // Another member may say the same.
    hint.filter(it -> !hints.containsValue(it))
        .ifPresent(it -> peers.withdraw(it.address, it.claimed));
    return hint;
  }

  private void refuse(Sighting sighting, HintRefusal why) {
    refused.merge(why, 1L, Long::sum);
    LOG.debug("a hint of member {} is not taken: {}", sighting.member(), why.label());
  }

  private Reading read(Sighting sighting) {
    var address = sighting.address().filter(it -> it.length() <= TEXT_MAX);
    var node = sighting.node().filter(it -> it.length() <= TEXT_MAX);
    if (address.isEmpty() || node.isEmpty()) {
      return new Reading.Bad(HintRefusal.MALFORMED);
    }
    try {
      return read(PeerAddress.parse(address.get()), KeyFingerprint.parse(node.get()));
    } catch (IllegalArgumentException malformed) {
      return new Reading.Bad(HintRefusal.MALFORMED);
    }
  }

  private Reading read(PeerAddress said, KeyFingerprint claimed) {
    if (claimed.equals(self)) {
      return new Reading.Bad(HintRefusal.OWN);
    }
    var literal = literal(said.host());
    if (literal.isEmpty()) {
      return new Reading.Bad(HintRefusal.HOST_NAME);
    }
    var objection = rules.objection(literal.get(), said.port());
    // One form of each address, however it was written.
    var address = new PeerAddress(literal.get().getHostAddress(), said.port());
    return objection.isPresent()
        ? new Reading.Bad(objection.get())
        : new Reading.Good(new Hint(address, claimed));
  }

  /// An address as it is, without asking anybody what it stands for.
  private static Optional<InetAddress> literal(String host) {
    try {
      return host.indexOf('%') >= 0 ? Optional.empty() : Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException name) {
      return Optional.empty();
    }
  }
}
