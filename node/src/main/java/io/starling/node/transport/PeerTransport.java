package io.starling.node.transport;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.grpc.Server;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.identity.Roster;
import io.starling.node.peer.Admission;
import io.starling.node.peer.PeerHints;
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
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node's links to its peers: listens, dials, sends, and hands over what comes.
///
/// Made before the loops, which send by it, and started after them, since it feeds them; what is
/// sent before is dropped. Safe to use from any thread.
public final class PeerTransport implements PeerLinks, PeerHints, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PeerTransport.class);

  /// How long before its end a certificate should be renewed.
  private static final Duration RENEWAL = Duration.ofDays(30);

  private final Setup setup;
  private final Refusals refusals = new Refusals();
  private volatile Consumer<Duration> verified = _ -> {};
  private volatile Admission admission = Admission.EVERYBODY;
  private volatile Consumer<KeyFingerprint> dismissed = _ -> {};
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
      Switchboard board,
      Server server,
      List<Dialler> diallers,
      Suggestions suggestions,
      Threads threads) {}

  public PeerTransport(Setup setup) {
    this.setup = setup;
  }

  /// Has the time that each check of a signature takes told, on the thread that did it; before
  /// [#start(SpaceInbox)].
  public void measure(Consumer<Duration> signature) {
    verified = signature;
  }

  /// Has it go by who is still a member; before [#start(SpaceInbox)].
  ///
  /// @param dismissed is told of each member that takes no link of this node because it has left
  public void admit(Admission members, Consumer<KeyFingerprint> dismissed) {
    this.admission = members;
    this.dismissed = dismissed;
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
    var board =
        new Switchboard(
            setup, inbox, refusals, new Switchboard.Wiring(admission, verified, dismissed));
    var threads = Threads.start();
    try {
      var server = PeerServer.start(setup, board, threads, tls);
      BiFunction<PeerAddress, Persistence, Dialler> dialler =
          (address, persistence) -> begun(address, persistence, board, threads, tls);
      var timing = setup.limits().timing();
      var diallers =
          setup.peers().stream()
              .distinct()
              .map(address -> dialler.apply(address, Persistence.steadfast(timing)))
              .toList();
      var suggestions = suggestions(board, dialler);
      running = Optional.of(new Running(board, server, diallers, suggestions, threads));
    } catch (IOException refused) {
      threads.close();
      throw refused;
    }
    long every = setup.limits().timing().echoEvery().toNanos();
    threads.timer().scheduleWithFixedDelay(board::tick, every, every, NANOSECONDS);
  }

  private Dialler begun(
      PeerAddress address,
      Persistence persistence,
      Switchboard board,
      Threads threads,
      PeerTls tls) {
    var authority = setup.identity().authority();
    var dialler = new Dialler(address, persistence, board, threads, tls, authority);
    threads.timer().execute(dialler::dial);
    return dialler;
  }

  private Suggestions suggestions(
      Switchboard board, BiFunction<PeerAddress, Persistence, Dialler> dialler) {
    var budget = new DialBudget(System::nanoTime);
    return new Suggestions(
        () ->
            new Tentative(
                new Backoff(setup.limits().timing(), new SplittableRandom()),
                budget,
                board::isDialled,
                System::nanoTime),
        dialler);
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

  @Override
  public void dismiss(KeyFingerprint peer, byte[] statement) {
    running
        .flatMap(parts -> parts.board.find(peer))
        .ifPresent(link -> link.send(List.of(FrameEncoding.dismissal(statement))));
  }

  /// An address that is dialled anyway needs no suggestion.
  @Override
  public synchronized void suggest(PeerAddress address, KeyFingerprint claimed) {
    if (!setup.peers().contains(address) && admission.departed(claimed).isEmpty()) {
      running.ifPresent(parts -> parts.suggestions.suggest(address, claimed));
    }
  }

  @Override
  public synchronized void withdraw(PeerAddress address, KeyFingerprint claimed) {
    running.ifPresent(parts -> parts.suggestions.withdraw(address, claimed));
  }

  @Override
  public synchronized void doubt(KeyFingerprint peer) {
    running
        .filter(parts -> parts.board.probe(peer))
        .ifPresent(parts -> {
          long within = TransportLimits.PROBE_WITHIN.toNanos();
          parts.threads.timer().schedule(() -> parts.board.judge(peer), within, NANOSECONDS);
        });
  }

  @Override
  public Outlook outlook(PeerAddress address) {
    return setup.peers().contains(address)
        ? Outlook.PROVEN
        : running.map(parts -> parts.suggestions.outlook(address)).orElse(Outlook.UNKNOWN);
  }

  /// Where it listens; empty until it has started.
  public Optional<InetSocketAddress> listening() {
    return running.map(parts -> (InetSocketAddress) parts.server.getListenSockets().getFirst());
  }

  /// What has gone between this node and each peer that was ever linked, by key.
  public List<PeerTraffic> traffic() {
    return running.map(parts -> parts.board.traffic()).orElse(List.of());
  }

  /// The addresses that are dialled as often as a stream to them ends: those it was given and those
  /// that were suggested, without the node's own.
  public List<PeerAddress> dialled() {
    return running.stream()
        .flatMap(parts -> Stream.concat(parts.diallers.stream(), parts.suggestions.all().stream()))
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
      parts.suggestions.all().forEach(Dialler::close);
      parts.board.closeAll();
      parts.server.shutdownNow();
      parts.threads.close();
    });
    running = Optional.empty();
  }
}
