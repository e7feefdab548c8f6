package io.starling.node.transport;

import io.grpc.Status;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.identity.Roster;
import io.starling.node.peer.Admission;
import io.starling.node.peer.SpaceInbox;
import io.starling.replica.Effect;
import io.starling.replica.batch.SpaceId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Joins streams, whoever opened them, to the links they belong to. Safe to use from any thread.
final class Switchboard {

  private static final Logger LOG = LoggerFactory.getLogger(Switchboard.class);
  private static final Duration WARN_EVERY = Duration.ofMinutes(1);

  private final NodeIdentity identity;
  private final Roster roster;
  private final SpaceInbox inbox;
  private final TransportLimits limits;
  private final InstantSource clock;
  private final Refusals refusals;
  private final Greeting greeting;
  private final Intake intake;
  private final PeerAlarms alarms;
  private final Admission admission;
  private final Consumer<KeyFingerprint> dismissed;
  private final Map<KeyFingerprint, Long> warnedNanos = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<KeyFingerprint, Link> links = new ConcurrentSkipListMap<>();
  private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();

  /// Whom the switchboard goes by and tells.
  ///
  /// @param verified is told how long each check of a signature took
  /// @param dismissed is told of a member that says this node has left
  record Wiring(
      Admission admission, Consumer<Duration> verified, Consumer<KeyFingerprint> dismissed) {}

  Switchboard(PeerTransport.Setup setup, SpaceInbox inbox, Refusals refusals, Wiring wiring) {
    this.identity = setup.identity();
    this.roster = setup.roster();
    this.inbox = inbox;
    this.limits = setup.limits();
    this.clock = setup.clock();
    this.refusals = refusals;
    this.greeting = new Greeting(identity.cluster(), roster);
    this.alarms = setup.alarms();
    this.admission = wiring.admission();
    this.dismissed = wiring.dismissed();
    this.intake = new Intake(identity.cluster(), roster, inbox, setup.alarms(), wiring.verified());
  }

  /// When a peer left for good; empty if it has not.
  Optional<Instant> departed(KeyFingerprint peer) {
    return admission.departed(peer);
  }

  boolean isAbandoned(PeerAddress address) {
    return admission.isAbandoned(address);
  }

  /// A member takes no link of this node, since it has left.
  void dismissed(KeyFingerprint by) {
    dismissed.accept(by);
  }

  KeyFingerprint self() {
    return identity.fingerprint();
  }

  TransportLimits limits() {
    return limits;
  }

  Refusals refusals() {
    return refusals;
  }

  Greeting greeting() {
    return greeting;
  }

  /// What peers may lack: all certificates but this node's own, which TLS shows them.
  List<NodeCertificate> certificates() {
    return roster.all().stream().filter(it -> !it.fingerprint().equals(self())).toList();
  }

  Intake intake() {
    return intake;
  }

  /// Raises an alarm that two processes run with the key of a node, no more often than once a
  /// minute for each.
  void warnOfTwo(NodeCertificate node, String one, String other) {
    long now = System.nanoTime();
    var before = warnedNanos.get(node.fingerprint());
    if (before != null && now - before < WARN_EVERY.toNanos()) {
      return;
    }
    warnedNanos.put(node.fingerprint(), now);
    alarms.raise(
        SpaceId.of(identity.cluster(), SpaceId.SYSTEM, 0),
        Effect.Kind.KEY_IN_TWO_PLACES,
        "two processes run with the key of "
            + node.name()
            + " ("
            + node.fingerprint()
            + "): at "
            + one
            + " and at "
            + other
            + "; stop the one that is a copy, and remove its directory; nothing is lost meanwhile,"
            + " for each writes under incarnations of its own");
  }

  /// Begins to listen to what a peer, which TLS has proven to be this one, says on a stream.
  ///
  /// @return empty if there are too many streams; the stream is closed then
  Optional<Conversation> begin(PeerStream stream, NodeCertificate peer) {
    // Two streams for each peer, and some that have not got to their Hello yet.
    int streamsMax = 2 * limits.peers() + TransportLimits.CALLS_PER_CONNECTION_MAX;
    if (conversations.size() >= streamsMax) {
      refusals.add(Refusal.TOO_MANY_CONNECTIONS, peer.name(), streamsMax + " streams are open");
      stream.close(Status.UNAVAILABLE.withDescription("too many streams"));
      return Optional.empty();
    }
    learn(peer);
    var conversation = new Conversation(this, stream, peer);
    conversations.add(conversation);
    return Optional.of(conversation);
  }

  void forget(Conversation conversation) {
    conversations.remove(conversation);
  }

  /// The link to a peer; empty if there are too many.
  synchronized Optional<Link> link(NodeCertificate peer) {
    var known = Optional.ofNullable(links.get(peer.fingerprint()));
    if (known.isPresent()) {
      return known;
    }
    if (links.size() >= limits.peers()) {
      var idle = links.values().stream().filter(Link::isIdle).findFirst();
      if (idle.isEmpty()) {
        return Optional.empty();
      }
      links.remove(idle.get().key());
    }
    var link = new Link(peer, inbox, limits, clock);
    links.put(link.key(), link);
    return Optional.of(link);
  }

  Optional<Link> find(KeyFingerprint key) {
    return Optional.ofNullable(links.get(key));
  }

  /// Whether a stream to a peer stands that this node has opened.
  boolean isDialled(KeyFingerprint key) {
    return find(key).map(Link::isDialled).orElse(false);
  }

  /// Asks a peer for a sign of life on each of its streams.
  ///
  /// @return whether an answer is to be looked for now; not, if the peer is being asked already
  boolean probe(KeyFingerprint key) {
    boolean isAsked = false;
    for (var conversation : conversations) {
      isAsked |= conversation.isWith(key) && conversation.probe();
    }
    return isAsked;
  }

  /// The time for an answer is over.
  void judge(KeyFingerprint key) {
    conversations.stream().filter(it -> it.isWith(key)).forEach(Conversation::judge);
  }

  List<PeerTraffic> traffic() {
    return links.values().stream().map(Link::traffic).toList();
  }

  /// Some time has passed.
  void tick() {
    for (var conversation : conversations) {
      try {
        conversation.tick();
      } catch (RuntimeException bug) {
        // One stream's trouble must not end the timer, and with it the others' echoes.
        LOG.error("a stream failed and is given up", bug);
        conversation.close(Status.INTERNAL, "an unexpected error");
      }
    }
  }

  void closeAll() {
    conversations.forEach(open -> open.close(Status.UNAVAILABLE, "this node is stopping"));
  }

  private void learn(NodeCertificate peer) {
    try {
      roster.learn(peer);
    } catch (IOException unwritable) {
      LOG.error("the certificate of {} could not be kept on disk", peer.name(), unwritable);
    }
  }
}
