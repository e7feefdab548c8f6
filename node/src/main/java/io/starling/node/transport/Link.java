package io.starling.node.transport;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.peer.SpaceInbox;
import io.starling.node.transport.PeerStream.Side;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All that joins this node to one peer: the streams, usually one opened by each, what waits to be
/// sent, and what has been counted. Safe to use from any thread; never blocks.
///
/// Frames leave by the stream that this node has dialled, for nothing else competes there; while
/// that is missing, by the newest that the peer has opened, and then until nothing waits. The peer
/// is up while there is a stream.
final class Link {

  private static final Logger LOG = LoggerFactory.getLogger(Link.class);

  /// A peer that has lost a stream opens another before this node may have noticed.
  private static final int STREAMS_MAX = 4;

  private final NodeCertificate peer;
  private final SpaceInbox inbox;
  private final InstantSource clock;
  private final Outbox outbox;
  private final Conduct conduct;
  private final PeerCounters counters = new PeerCounters();
  private final Deque<PeerStream> streams = new ArrayDeque<>();
  // Processes that were shown to run with the peer's key at one moment.
  private final Set<ByteString> together = new HashSet<>();
  private Optional<PeerStream> sending = Optional.empty();
  // The process that was told of certificates last, and of which.
  private ByteString told = ByteString.EMPTY;
  private final Map<KeyFingerprint, NodeCertificate> toldOf = new TreeMap<>();
  private Optional<Instant> since = Optional.empty();
  private volatile Optional<Duration> roundTrip = Optional.empty();

  Link(NodeCertificate peer, SpaceInbox inbox, TransportLimits limits, InstantSource clock) {
    this.peer = peer;
    this.inbox = inbox;
    this.clock = clock;
    this.outbox = new Outbox(limits.queue());
    this.conduct = new Conduct(limits.faults(), System::nanoTime);
  }

  KeyFingerprint key() {
    return peer.fingerprint();
  }

  /// The peer's name and key, for logs.
  String who() {
    return peer.name() + " (" + key() + ")";
  }

  PeerCounters counters() {
    return counters;
  }

  Duration shutOut() {
    return conduct.shutOut();
  }

  /// The certificates that a process at the other end has not been told of, by which it counts as
  /// told. If that gets lost, it asks for what it lacks. The peer's own it has.
  ///
  /// @param process by its Hello
  /// @param all that may be told
  synchronized List<NodeCertificate> untold(ByteString process, List<NodeCertificate> all) {
    if (!told.equals(process)) {
      told = process;
      toldOf.clear();
    }
    var untold = new ArrayList<NodeCertificate>();
    for (var certificate : all) {
      var key = certificate.fingerprint();
      if (!key.equals(key()) && !certificate.equals(toldOf.put(key, certificate))) {
        untold.add(certificate);
      }
    }
    return untold;
  }

  /// Takes a stream into use. A second one that this node has dialled, by another address of the
  /// same peer, is refused; of those that the peer has opened none is closed, since only the peer
  /// knows which it wants.
  ///
  /// @return whether it is in use now
  synchronized boolean attach(PeerStream stream) {
    boolean isNeedless = stream.side() == Side.DIALLED && isDialled();
    if (isNeedless || streams.size() >= STREAMS_MAX || !stream.isOpen()) {
      return false;
    }
    if (streams.isEmpty()) {
      since = Optional.of(clock.instant());
      LOG.info("peer {} is up", who());
    }
    boolean isSecond = streams.stream().anyMatch(stream::isWithSameProcess);
    streams.addFirst(stream);
    if (!isSecond) {
      // Also if it was up: the peer may have been started anew.
      inbox.peerUp(key());
    }
    return true;
  }

  /// Gives a stream up, if it is in use. What was lost with it is found out by the others: the peer
  /// is up anew.
  synchronized void detach(PeerStream stream) {
    stream.process().ifPresent(gone -> together.remove(gone.id()));
    if (!streams.remove(stream)) {
      return;
    }
    if (streams.isEmpty()) {
      since = Optional.empty();
      counters.unsent.add(outbox.clear());
      LOG.info("peer {} is down", who());
      inbox.peerDown(key());
    } else {
      inbox.peerUp(key());
    }
  }

  /// Sends frames, now or when the network takes them; drops them when the peer is down.
  synchronized void send(List<Outgoing> frames) {
    for (var frame : frames) {
      if (streams.isEmpty()) {
        counters.unsent.increment();
      } else {
        counters.unsent.add(outbox.offer(frame));
      }
    }
    drain();
  }

  /// Sends what waits, as long as the network takes it.
  synchronized void drain() {
    var stream = way();
    while (stream.isPresent() && stream.get().isReady()) {
      var next = outbox.poll();
      if (next.isEmpty()) {
        sending = Optional.empty();
        return;
      }
      sending = stream;
      counters.out(next.get());
      stream.get().write(next.get().frame());
      for (var other : others(stream.get())) {
        other.write(next.get().frame());
      }
    }
  }

  /// The stream that is sent by. Another one to the same process takes over only once nothing
  /// waits: what is left of a long answer would else overtake what is on the way, and be asked for
  /// again.
  private Optional<PeerStream> way() {
    var dialled = streams.stream().filter(stream -> stream.side() == Side.DIALLED).findFirst();
    var best = dialled.or(() -> Optional.ofNullable(streams.peekFirst()));
    return sending
        .filter(streams::contains)
        .filter(it -> best.filter(it::isWithSameProcess).isPresent())
        .or(() -> best);
  }

  /// A stream to each further process that runs with the peer's key: none, unless a copy of it is
  /// known to run beside it. Both are to hear everything, or one of them falls behind for want of
  /// answers. One that takes nothing now holds up nobody. A stream to a process that was started
  /// again, which nobody has noticed to be gone, is told nothing twice.
  private List<PeerStream> others(PeerStream first) {
    if (together.isEmpty()) {
      return List.of();
    }
    var others = new ArrayList<PeerStream>();
    for (var stream : streams) {
      boolean isTold =
          stream.isWithSameProcess(first)
              || others.stream().anyMatch(other -> other.isWithSameProcess(stream));
      boolean isBeside = stream.process().filter(it -> together.contains(it.id())).isPresent();
      if (!isTold && isBeside && stream.isReady()) {
        others.add(stream);
      }
    }
    return others;
  }

  /// Where else a process runs with the peer's key, for certain: the process at the end of `alive`
  /// had said its Hello before the other one did, was asked for a sign of life after that, and has
  /// answered. So it lived before and after a moment at which the other one lived. One that was
  /// started again has no earlier one that still answers.
  ///
  /// @param askedNanos when it was asked, by `System.nanoTime()`
  synchronized Optional<String> elsewhere(PeerStream alive, long askedNanos) {
    var began = alive.process().map(PeerStream.Greeted::nanos);
    var beside =
        streams.stream()
            .filter(other -> !other.isWithSameProcess(alive))
            .filter(other ->
                other
                    .process()
                    .map(PeerStream.Greeted::nanos)
                    .filter(nanos -> began.isPresent() && nanos - began.get() > 0)
                    .filter(nanos -> askedNanos - nanos > 0)
                    .isPresent())
            .findFirst();
    beside.ifPresent(other -> {
      together.clear();
      alive.process().ifPresent(it -> together.add(it.id()));
      other.process().ifPresent(it -> together.add(it.id()));
    });
    return beside.map(PeerStream::address);
  }

  /// Notes something that no correct peer sends, and shuts the peer out if it was one too many.
  void fault(String why) {
    counters.invalid.increment();
    boolean isShutOut = conduct.fault();
    LOG.warn("peer {} sent what cannot be valid: {}", who(), why);
    if (isShutOut) {
      LOG.error("peer {} is shut out for {}", who(), conduct.shutOut());
      closeStreams(Status.UNAVAILABLE.withDescription("shut out after invalid messages: " + why));
    }
  }

  void roundTrip(Duration measured) {
    roundTrip = Optional.of(measured);
  }

  void closeStreams(Status status) {
    List<PeerStream> open;
    synchronized (this) {
      open = List.copyOf(streams);
    }
    open.forEach(stream -> {
      stream.close(status);
      detach(stream);
    });
  }

  /// Whether nothing would be forgotten with it but counters.
  synchronized boolean isIdle() {
    return streams.isEmpty() && conduct.shutOut().isZero();
  }

  /// Whether a stream stands that this node has opened.
  synchronized boolean isDialled() {
    return streams.stream().anyMatch(stream -> stream.side() == Side.DIALLED);
  }

  synchronized PeerTraffic traffic() {
    var connection =
        new PeerTraffic.Connection(
            since,
            isDialled(),
            streams.stream().anyMatch(stream -> stream.side() == Side.ACCEPTED),
            roundTrip,
            outbox.frames(),
            outbox.bytes());
    return new PeerTraffic(
        key(),
        peer.name(),
        connection,
        counters.flowsIn(),
        counters.flowsOut(),
        counters.batches(),
        counters.losses(),
        counters.verification());
  }
}
