package io.starling.node.transport;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.identity.Roster;
import io.starling.node.identity.Validity;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.batch.Transaction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;

/// A cluster with its authority, and nodes that are nothing but their transports.
final class Flock implements AutoCloseable {

  /// Quick enough for tests; bounds as small as they need.
  static final TransportLimits QUICK =
      new TransportLimits(
          8,
          new TransportLimits.Queue(2 * 1024 * 1024, 64, 16),
          new TransportLimits.Timing(
              Duration.ofSeconds(30),
              Duration.ofMillis(100),
              Duration.ofSeconds(30),
              Duration.ofMillis(20),
              Duration.ofMillis(200)),
          new TransportLimits.Faults(
              2, Duration.ofMinutes(1), Duration.ofSeconds(2), Duration.ofSeconds(4)));

  static {
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
  }

  private final java.nio.file.Path root;
  private final String name;
  private final List<Bird> birds = new ArrayList<>();

  Flock(java.nio.file.Path root, String name) throws IOException, IdentityException {
    this.root = root.resolve(name);
    this.name = name;
    ClusterInit.create(this.root.resolve("authority"), name);
  }

  Bird join(String node) throws IOException, IdentityException {
    return join(node, Validity.of(Instant.now(), Validity.NODE));
  }

  Bird join(String node, Validity validity) throws IOException, IdentityException {
    var directory = root.resolve(node);
    var request = JoinRequest.create(directory, node, "here", List.of());
    var file = root.resolve(node + "-invitation.pem");
    Invitation.issue(root.resolve("authority"), request, List.of(), validity).writeTo(file);
    var accepted = validity.from().plusSeconds(1);
    var identity = Invitation.accept(directory, file, java.util.Optional.empty(), accepted);
    var bird = new Bird(identity, Roster.open(directory, identity));
    birds.add(bird);
    return bird;
  }

  /// Makes the directory of a whole node that has joined, for a process of its own.
  java.nio.file.Path home(String node) throws IOException, IdentityException {
    var home = root.resolve(node);
    var identity = home.resolve("identity");
    var request = JoinRequest.create(identity, node, "here", List.of("localhost", "127.0.0.1"));
    var file = root.resolve(node + "-invitation.pem");
    Invitation.issue(root.resolve("authority"), request, List.of()).writeTo(file);
    Invitation.accept(identity, file);
    return home;
  }

  @Override
  public void close() {
    birds.forEach(Bird::stop);
  }

  @Override
  public String toString() {
    return name;
  }

  /// One node.
  static final class Bird {

    final NodeIdentity identity;
    final Roster roster;
    final RecordingInbox inbox = new RecordingInbox();
    final Queue<String> alarms = new ConcurrentLinkedQueue<>();
    final SpaceId main;
    private final ReplicaId replica;
    private PeerTransport transport;
    private long seq;
    private ChainHash previous = ChainHash.ROOT;

    Bird(NodeIdentity identity, Roster roster) {
      this.identity = identity;
      this.roster = roster;
      this.main = SpaceId.of(identity.cluster(), SpaceId.MAIN, 0);
      this.replica = new ReplicaId(identity.fingerprint(), 1);
      this.transport = transport(0, List.of(), QUICK);
      inbox.spaces.add(main);
    }

    /// Starts it, dialling others.
    Bird start(PeerAddress... peers) throws IOException {
      return start(0, QUICK, peers);
    }

    Bird start(int port, TransportLimits limits, PeerAddress... peers) throws IOException {
      transport = transport(port, List.of(peers), limits);
      transport.start(inbox);
      return this;
    }

    void stop() {
      transport.close();
    }

    PeerTransport transport() {
      return transport;
    }

    PeerAddress address() {
      var listening = transport.listening().orElseThrow();
      return new PeerAddress("127.0.0.1", listening.getPort());
    }

    void send(Bird to, io.starling.replica.message.Message message) {
      transport.send(to.identity.fingerprint(), message);
    }

    PeerTraffic traffic(Bird peer) {
      return transport.traffic().stream()
          .filter(traffic -> traffic.key().equals(peer.identity.fingerprint()))
          .findFirst()
          .orElseThrow();
    }

    boolean isLinked(Bird peer) {
      return inbox.up.contains(peer.identity.fingerprint());
    }

    /// The node's next batch, with a value of that many bytes.
    SignedBatch write(int valueBytes) {
      var value = new Value.Text("x".repeat(valueBytes));
      var assign = new Operation.Assign(Path.of("key"), value, ReadRule.LATEST, List.of());
      var transaction = new Transaction("", Narrowing.WHOLE, List.of(assign));
      seq++;
      var batch =
          new Batch(
              main,
              replica,
              seq,
              previous,
              ContextDifference.NONE,
              new HybridTime(seq << 16),
              List.of(),
              List.of(transaction));
      var signed = sign(batch);
      previous = signed.hash();
      return signed;
    }

    SignedBatch sign(Batch batch) {
      var body = BatchEncoding.encode(batch);
      var bytes = SigningDomain.batch(identity.cluster(), batch.space(), body);
      return new SignedBatch(batch, ChainHash.of(body), body, identity.key().sign(bytes));
    }

    private PeerTransport transport(int port, List<PeerAddress> peers, TransportLimits limits) {
      return new PeerTransport(
          new PeerTransport.Setup(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
              peers,
              identity,
              roster,
              (space, kind, message) -> alarms.add(kind + ": " + message),
              limits,
              InstantSource.system()));
    }
  }
}
