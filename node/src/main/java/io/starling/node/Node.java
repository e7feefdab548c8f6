package io.starling.node;

import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.SignInCodes;
import io.starling.node.access.TokenAccess;
import io.starling.node.access.TokenFile;
import io.starling.node.access.TokenRecord;
import io.starling.node.api.grpc.GrpcApi;
import io.starling.node.api.http.HttpApi;
import io.starling.node.api.http.HttpLoad;
import io.starling.node.api.http.HttpSettings;
import io.starling.node.api.rest.RestApi;
import io.starling.node.backup.BackupDesk;
import io.starling.node.backup.BackupRun;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.RepositoryAccess;
import io.starling.node.config.NodeConfig;
import io.starling.node.hosting.HostParts;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.identity.DepartureNote;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.identity.Roster;
import io.starling.node.identity.SignedRevocation;
import io.starling.node.lab.LabDesk;
import io.starling.node.leave.LeaveDesk;
import io.starling.node.logging.LogLevels;
import io.starling.node.loop.QueueLimits;
import io.starling.node.member.Eviction;
import io.starling.node.member.Forms;
import io.starling.node.member.Member;
import io.starling.node.metrics.NodeMetrics;
import io.starling.node.metrics.Reading;
import io.starling.node.space.Spaces;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.status.NodeStatus;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.StoreUnusableException;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.node.tracing.Tracing;
import io.starling.node.transport.PeerTransport;
import io.starling.node.transport.TransportLimits;
import io.starling.node.witness.Finding;
import io.starling.node.witness.WitnessKeeper;
import io.starling.replica.Effect;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.Revocation;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running node: all its parts, put together here and nowhere else.
///
/// Parts start from the inside out: store, spaces, peers, APIs; and stop so that clients hear of
/// it: spaces first, which refuse what still comes and end the watches, then APIs, peers, store.
public final class Node implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private static final Duration BACKUP_TICK = Duration.ofSeconds(1);

  private final NodeConfig config;
  private final NodeIdentity identity;
  private final InstantSource clock = InstantSource.system();
  private final ActivityRing activity = new ActivityRing();
  private final AlarmBook alarms = new AlarmBook();
  private final NodeMetrics metrics = new NodeMetrics();
  private final SignInCodes signIn = new SignInCodes(clock);
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private final CompletableFuture<String> damaged = new CompletableFuture<>();
  private final StoreCheck check;
  private final WitnessKeeper witness;
  private final Tracing tracing;
  private final HostedSpaces spaces;
  private final StatusBoard board;
  private final PeerTransport transport;
  private final TokenAccess access;
  private final LeaveDesk leaving;
  private final LabDesk lab = new LabDesk(clock);
  private final Optional<BackupDesk> backups;
  private volatile Optional<GrpcApi> grpc = Optional.empty();
  private volatile Optional<HttpApi> http = Optional.empty();

  /// Starts a node. When this returns it is ready.
  ///
  /// @throws StartException if it cannot start; then nothing of it runs
  public static Node start(NodeConfig config) throws StartException {
    try {
      var note = DepartureNote.read(config.identityDirectory());
      if (note.isPresent() && note.get().isOver()) {
        throw departed(note.get().at());
      }
      var identity = NodeIdentity.open(config.identityDirectory());
      checkName(config, identity);
      var roster = Roster.open(config.identityDirectory(), identity);
      // From nobody else could a damaged store be made anew.
      boolean hasOthers = roster.all().size() > 1;
      var settings =
          new RocksStore.Options(
              (long) config.sizes().cacheMegabytes() << 20,
              (long) config.sizes().freeMegabytes() << 20,
              hasOthers);
      var store =
          RocksStore.open(
              config.storeDirectory(), identity.cluster(), identity.fingerprint(), settings);
      return started(config, identity, roster, store);
    } catch (StoreUnusableException | IdentityException | StorageFailure | IOException refused) {
      throw new StartException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static StartException departed(Instant at) {
    return new StartException(
        DepartureNote.farewell(at), new IllegalStateException("no member any more"));
  }

  private static Node started(
      NodeConfig config, NodeIdentity identity, Roster roster, NodeStore store)
      throws StartException, IOException {
    Node node;
    try {
      node = new Node(config, identity, roster, store);
    } catch (RuntimeException refused) {
      store.close();
      throw refused;
    }
    try {
      node.open(node.checkMembership(store));
      return node;
    } catch (StartException departed) {
      node.close();
      throw departed;
    } catch (IOException | RuntimeException refused) {
      node.close();
      throw refused;
    } catch (InterruptedException stop) {
      node.close();
      Thread.currentThread().interrupt();
      throw new StartException("interrupted while it started", stop);
    }
  }

  private Node(NodeConfig config, NodeIdentity identity, Roster roster, NodeStore store) {
    this.config = config;
    this.identity = identity;
    toClose.push(store);
    toClose.push(metrics);
    tracing =
        config
            .tracing()
            .map(it -> Tracing.to(it.collector(), it.percent(), identity.certificate().name()))
            .orElseGet(Tracing::off);
    toClose.push(tracing);
    store.whenDamaged(damaged::complete);
    check = new StoreCheck(store);
    transport = transport(roster);
    transport.measure(metrics::verified);
    boolean wasEmpty = store.spaces().isEmpty();
    spaces =
        new HostedSpaces(
            new HostParts(
                new HostParts.Identity(
                    identity.cluster(),
                    identity.fingerprint(),
                    metrics.measured(identity.key()),
                    batch -> isGenuine(roster, identity, batch),
                    statement -> revocation(identity, statement)),
                store,
                transport,
                Limits.DEFAULT.retaining(config.batches()),
                config.proof(),
                QueueLimits.DEFAULT,
                new HostParts.Records(activity, alarms, metrics::space, tracing::loop, clock)));
    // Not before the spaces have found that this version can read them.
    witness =
        WitnessKeeper.open(
            new WitnessKeeper.Setup(
                identity.cluster(),
                identity.fingerprint(),
                config.witness(),
                RocksStore.writtenOnce(config.storeDirectory()),
                store,
                wasEmpty,
                spaces::isGone,
                clock));
    // Closed when nobody writes to the store any more, and before it is closed.
    toClose.removeLast();
    toClose.addLast(witness);
    toClose.addLast(store);
    access = new TokenAccess(spaces.system());
    spaces.whenSystemChanges(TokenRecord.PREFIX, access::forget);
    // What an evicted member had said of tokens counts no more.
    spaces.whenSystemChanges(Eviction.PREFIX, access::forget);
    board = new StatusBoard(self(), spaces, activity, alarms, transport::traffic);
    witness.finding().ifPresent(this::tell);
    leaving =
        new LeaveDesk(
            spaces,
            new LeaveDesk.Setup(
                identity.fingerprint(), config.identityDirectory(), this::seekMembers, clock));
    board.set(leaving);
    backups = config.backups().map(it -> backups(it, store));
    backups.ifPresent(board::set);
  }

  /// Says what became of the store since it was last open.
  private void tell(Finding finding) {
    if (finding.alarm().isEmpty()) {
      LOG.warn("{}", finding.message());
    }
    finding.alarm().ifPresent(kind -> alarm(spaces.system().id(), kind, finding.message()));
  }

  /// Whether a batch was signed by whom it names.
  private static boolean isGenuine(Roster roster, NodeIdentity identity, SignedBatch batch) {
    var content = batch.batch();
    var signed = SigningDomain.batch(identity.cluster(), content.space(), batch.body());
    return roster
        .find(content.replica().key())
        .filter(author -> author.key().verify(signed, batch.signature()))
        .isPresent();
  }

  private static Optional<Revocation> revocation(NodeIdentity identity, byte[] statement) {
    try {
      var signed = SignedRevocation.read(statement, identity.authority());
      return Optional.of(signed.revocation());
    } catch (IdentityException foreign) {
      LOG.debug("no revocation: {}", foreign.getMessage());
      return Optional.empty();
    }
  }

  /// Completes with what was found when the store is found damaged: the node is then of no use
  /// until it is closed and started again, and is made anew from the other members.
  CompletionStage<String> damaged() {
    return damaged;
  }

  /// Completes when the node has left its cluster for good and is to be closed.
  CompletionStage<Instant> left() {
    return leaving.left();
  }

  /// Where the node is asked to leave its cluster.
  public LeaveDesk leaving() {
    return leaving;
  }

  /// Has all members dialled where they say they are.
  private void seekMembers() {
    for (var member : spaces.members().all()) {
      for (var address : member.addresses()) {
        try {
          transport.suggest(PeerAddress.parse(address), member.key());
        } catch (IllegalArgumentException malformed) {
          LOG.warn("{} cannot be dialled at {}", member.name(), address);
        }
      }
    }
  }

  /// What the node says of itself.
  public NodeStatus status() {
    return board.status();
  }

  /// The spaces that it hosts.
  public Spaces spaces() {
    return spaces;
  }

  /// A link that signs a browser in once.
  public URI signInLink(Principal principal) {
    var http = board.status().node().addresses().http();
    var scheme = config.tls().http() ? "https" : "http";
    return URI.create(scheme + "://" + http + "/sign-in?code=" + signIn.issue(principal));
  }

  @Override
  public void close() {
    board.set(NodeStatus.State.STOPPING);
    try {
      spaces.close();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    while (!toClose.isEmpty()) {
      close(toClose.pop());
    }
  }

  /// Who has stated that it leaves finishes that; nobody else who has left starts.
  ///
  /// A store that says nothing of it counts only if it is shown to be no older than the note. One
  /// that was lost, set aside or replaced by an older copy has perhaps said so, and others may
  /// know; and what it takes over from those who do not know must not be held for a proof at the
  /// next start.
  ///
  /// @return whether the leaving is to be finished
  private boolean checkMembership(NodeStore store) throws StartException, IOException {
    try {
      var note = DepartureNote.read(config.identityDirectory());
      var at = spaces.departed();
      if (at.isPresent() && note.isEmpty()) {
        throw departed(at.get());
      }
      if (note.isEmpty() || at.isPresent()) {
        return at.isPresent();
      }
      boolean isShown =
          store.rebuilding().isEmpty() && note.get().system().filter(spaces::covers).isPresent();
      if (isShown) {
        LOG.info("this node had not stated yet that it leaves when it was stopped; it stays");
        DepartureNote.remove(config.identityDirectory());
      } else {
        note.get().ofNoStore().write(config.identityDirectory());
      }
      return !isShown;
    } catch (IdentityException damaged) {
      throw new StartException(String.valueOf(damaged.getMessage()), damaged);
    }
  }

  /// @param mustLeave whether it is to finish its leaving
  private void open(boolean mustLeave) throws IOException, InterruptedException {
    toClose.push(check);
    check.begin();
    witness.begin(() -> {
      var hosted = new TreeMap<String, SpaceId>();
      spaces.all().forEach(space -> hosted.put(space.name(), space.id()));
      return hosted;
    });
    toClose.push(transport);
    transport.admit(spaces.admission(), leaving::dismissed);
    transport.start(spaces.inbox());
    toClose.push(leaving);
    var peer = text(transport.listening().orElseThrow());
    var description = new SelfDescription(spaces, member(peer), firstTime());
    toClose.push(description);
    if (mustLeave) {
      leaving.resume();
    } else {
      description.begin();
    }
    var grpc =
        GrpcApi.start(
            config.listen().grpc(),
            config.tls().grpc() ? Optional.of(identity.api()) : Optional.empty(),
            new GrpcApi.Offer(
                identity.cluster(),
                spaces,
                access,
                signIn,
                board,
                version(),
                metrics::called,
                tracing));
    toClose.push(grpc);
    this.grpc = Optional.of(grpc);
    toClose.push(lab);
    var http = http();
    toClose.push(http);
    this.http = Optional.of(http);
    board.set(
        new NodeStatus.Addresses(
            text(config.listen().http(), http.port()),
            text(config.listen().grpc(), grpc.port()),
            peer));
    board.set(NodeStatus.State.READY);
    backups.ifPresent(toClose::push);
    backups.ifPresent(
        it -> it.begin(config.backups().flatMap(NodeConfig.Backups::schedule), BACKUP_TICK));
    // Last, and in the background: nothing here waits for it.
    var discovery =
        DiscoveryStart.begin(config, identity, transport.listening().orElseThrow(), transport);
    toClose.push(discovery);
    board.set(discovery);
  }

  private HttpApi http() throws IOException, InterruptedException {
    var listen = config.listen().http();
    var names = new TreeSet<String>();
    config.addresses().forEach(address -> names.add(address.host()));
    names.addAll(identity.api().hostNames());
    var keys =
        config.tls().http()
            ? Optional.of(ServerKeys.of(identity.api()))
            : Optional.<X509KeyManager>empty();
    return HttpApi.start(
        new HttpSettings(listen.getAddress().getHostAddress(), listen.getPort(), names, keys),
        new RestApi.Node(
            identity.cluster(),
            identity.fingerprint().toString(),
            spaces,
            board,
            access,
            signIn,
            new LogLevels(),
            backups,
            spaces.evictions(),
            Optional.of(leaving),
            lab,
            this::scrape),
        metrics::answered,
        tracing,
        clock);
  }

  private BackupDesk backups(NodeConfig.Backups setup, NodeStore store) {
    return new BackupDesk(
        new RepositoryAccess(setup.repository(), setup.keyFile(), setup.s3(), System.getenv()),
        new Manifest.Source(
            identity.cluster(), identity.fingerprint(), identity.certificate().name(), version()),
        (long) setup.megabytesPerSecond() << 20,
        () -> subjects(store),
        clock);
  }

  /// A snapshot of each space, that of `_system` last: so it covers what the others name of it.
  private List<BackupRun.Subject> subjects(NodeStore store) {
    var subjects = new ArrayList<BackupRun.Subject>();
    var all = new ArrayList<>(spaces.all());
    all.remove(spaces.system());
    all.add(spaces.system());
    try {
      for (var space : all) {
        // Refused while it is made anew: what is not all there is no backup.
        space.read().close();
        var state = store.space(space.id()).snapshot();
        subjects.add(new BackupRun.Subject(space.name(), space.id(), state));
      }
    } catch (StorageFailure failed) {
      subjects.forEach(it -> it.state().close());
      throw failed;
    }
    return subjects;
  }

  private String scrape() {
    var http = this.http.map(HttpApi::load).orElse(HttpLoad.NONE);
    return metrics.scrape(
        new Reading(
            board.status(),
            spaces.loads(),
            transport.traffic(),
            transport.refusals(),
            new Reading.Clients(
                grpc.map(it -> new Reading.Connections(it.connections(), it.connectionsRefused()))
                    .orElse(new Reading.Connections(0, 0)),
                new Reading.Connections(http.connections(), http.connectionsRefused()),
                http.requests(),
                http.streams(),
                http.bodyBytes())));
  }

  private PeerTransport transport(Roster roster) {
    return new PeerTransport(
        new PeerTransport.Setup(
            config.listen().peer(),
            config.peers().isEmpty() ? identity.peers() : config.peers(),
            identity,
            roster,
            this::alarm,
            TransportLimits.DEFAULT,
            clock));
  }

  private void alarm(SpaceId space, Effect.Kind kind, String message) {
    var name =
        spaces.all().stream()
            .filter(it -> it.id().equals(space))
            .map(it -> it.name())
            .findFirst()
            .orElse(space.toString());
    LOG.warn("space {}: {}: {}", name, kind, message);
    alarms.raise(name, new Effect.Alarm(kind, message), clock.instant());
  }

  private NodeStatus.Self self() {
    return new NodeStatus.Self(
        identity.certificate().name(),
        identity.fingerprint(),
        config.site().orElse(identity.certificate().site()),
        ProcessHandle.current().pid(),
        version(),
        NodeStatus.State.STARTING,
        clock.instant(),
        new NodeStatus.Addresses("", "", ""));
  }

  private Member member(String peer) {
    var addresses =
        config.addresses().isEmpty()
            ? List.of(peer)
            : config.addresses().stream().map(PeerAddress::toString).toList();
    return new Member(
        identity.fingerprint(),
        identity.certificate().name(),
        Base64.getEncoder().encodeToString(identity.certificate().bytes()),
        config.site().orElse(identity.certificate().site()),
        addresses,
        Forms.own());
  }

  /// The record of the first administrator's token, where this node has the file.
  private List<Mutation> firstTime() throws IOException {
    return TokenFile.read(config.directory()).stream()
        .map(token -> TokenRecord.of(token, Role.ADMIN, clock.instant()).write(token.id()))
        .toList();
  }

  private static void checkName(NodeConfig config, NodeIdentity identity) throws StartException {
    var certified = identity.certificate().name();
    if (config.name().isPresent() && !config.name().get().equals(certified)) {
      throw new StartException(
          "'name' is "
              + config.name().get()
              + ", but the certificate in "
              + config.identityDirectory()
              + " is of "
              + certified
              + "; correct the name, or ask for a new certificate",
          new IllegalStateException("another name"));
    }
  }

  private static String version() {
    return Optional.ofNullable(Node.class.getPackage().getImplementationVersion())
        .orElse("(unpackaged)");
  }

  private static String text(InetSocketAddress address) {
    return text(address, address.getPort());
  }

  private static String text(InetSocketAddress address, int port) {
    return new PeerAddress(address.getAddress().getHostAddress(), port).toString();
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception failed) {
      LOG.error("a part of the node did not stop as it should", failed);
    }
  }
}
