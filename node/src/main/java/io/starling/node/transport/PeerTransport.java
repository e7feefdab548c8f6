package io.starling.node.transport;

import io.grpc.Server;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.identity.Roster;
import io.starling.node.peer.PeerLinks;
import io.starling.node.peer.SpaceInbox;
import io.starling.replica.message.Message;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node's links to its peers: listens, dials, sends, and hands over what comes.
///
/// Made before the loops, which send by it, and started after them, since it feeds them; what is
/// sent before is dropped. Safe to use from any thread.
public final class PeerTransport implements PeerLinks, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PeerTransport.class);

  /// How long before its end a certificate should be renewed.
  private static final Duration RENEWAL = Duration.ofDays(30);

  private final Setup setup;
  private final Refusals refusals = new Refusals();
  private volatile Optional<Running> running = Optional.empty();

  /// What a transport is made of.
  ///
  /// @param listen where to listen; port 0 for any
  /// @param peers whom to dial, for as long as it runs; the node itself may be among them
  /// @param clock says whether certificates are within their time
  public record Setup(
      InetSocketAddress listen,
      List<PeerAddress> peers,
      NodeIdentity identity,
      Roster roster,
      PeerAlarms alarms,
      TransportLimits limits,
      InstantSource clock) {
    public Setup {
      peers = List.copyOf(peers);
    }
  }

  private record Running(
      Switchboard board, Server server, List<Dialler> diallers, Threads threads) {}

  public PeerTransport(Setup setup) {
    this.setup = setup;
  }

  /// Begins to listen and to dial.
  ///
  /// @param inbox takes what comes
  /// @throws IOException if the address cannot be listened on
  public synchronized void start(SpaceInbox inbox) throws IOException {
    if (running.isPresent()) {
      throw new IllegalStateException("started already");
    }
    warnOfExpiry();
    var tls = PeerTls.of(setup.identity(), setup.clock());
    var board = new Switchboard(setup, inbox, refusals);
    var threads = Threads.start();
    try {
      var server = PeerServer.start(setup, board, threads, tls);
      var authority = setup.identity().authority();
      var diallers =
          setup.peers().stream()
              .distinct()
              .map(address -> new Dialler(address, board, threads, tls, authority))
              .toList();
      running = Optional.of(new Running(board, server, diallers, threads));
      diallers.forEach(dialler -> threads.timer().execute(dialler::dial));
    } catch (IOException refused) {
      threads.close();
      throw refused;
    }
    long every = setup.limits().timing().echoEvery().toNanos();
    threads.timer().scheduleWithFixedDelay(board::tick, every, every, TimeUnit.NANOSECONDS);
  }

  private void warnOfExpiry() {
    var until = setup.identity().certificate().certificate().getNotAfter().toInstant();
    if (setup.clock().instant().plus(RENEWAL).isAfter(until)) {
      LOG.warn("this node's certificate is good until {}; peers refuse it then: renew it", until);
    }
  }

  @Override
  public void send(KeyFingerprint peer, Message message) {
    running
        .flatMap(parts -> parts.board.find(peer))
        .ifPresent(link -> link.send(FrameEncoding.encode(message)));
  }

  /// Where it listens; empty until it has started.
  public Optional<InetSocketAddress> listening() {
    return running.map(parts -> (InetSocketAddress) parts.server.getListenSockets().getFirst());
  }

  /// What has gone between this node and each peer that was ever linked, by key.
  public List<PeerTraffic> traffic() {
    return running.map(parts -> parts.board.traffic()).orElse(List.of());
  }

  /// The addresses that are dialled as often as a stream to them ends: those it was given, without
  /// the node's own.
  public List<PeerAddress> dialled() {
    return running.stream()
        .flatMap(parts -> parts.diallers.stream())
        .filter(Dialler::isActive)
        .map(Dialler::address)
        .toList();
  }

  /// How many connections and streams were refused, by reason.
  public Map<Refusal, Long> refusals() {
    return refusals.counts();
  }

  /// Closes all streams and stops listening.
  @Override
  public synchronized void close() {
    running.ifPresent(parts -> {
      parts.diallers.forEach(Dialler::close);
      parts.board.closeAll();
      parts.server.shutdownNow();
      parts.threads.close();
    });
    running = Optional.empty();
  }
}
