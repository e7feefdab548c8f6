package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.Event;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.Keyring;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.network.Network;
import io.starling.simulation.network.Signatures;
import io.starling.simulation.network.WireForm;
import io.starling.simulation.time.Agenda;
import io.starling.simulation.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Everything that exists in a run. One thread, one agenda, no clock and no entropy but the seed's.
public final class World implements Network.Listener {

  /// What counts of bytes by kind of message begin with.
  public static final String BYTES_OF = "bytes of ";

  private final Agenda agenda = new Agenda();
  private final Formed formed = new Formed();
  private final Lineage lineage = new Lineage();
  private final Counts counts = new Counts();
  private final Statements statements = new Statements(this);
  private final Joining joining;
  private final Versions versions = new Versions(this);
  // One for each place but that of the copy.
  private final List<SimulatedNode> machines = new ArrayList<>();
  private final SimulatedNode copy;
  private final List<Observer> observers = new ArrayList<>();
  // With those that see nothing of members that lie.
  private final List<Observer> watchers = new ArrayList<>();
  private final Trace trace;
  private final Limits limits;
  private final Proof proof;
  private final Engine.Factory engines;
  private final ClusterId cluster;
  private final SpaceId systemId;
  private final SpaceId mainId;
  private final Keyring keys;
  private final WireForm wire;
  private final Network network;
  private final Connections connections;
  private DiskOptions disks;
  private Liars liars;
  private BiConsumer<SimulatedSpace, Mutation> writer = (_, _) -> {};
  private BiFunction<SpaceReader, String, SpaceNotes> notes = SpaceNotes::read;

  /// What a world is made of.
  ///
  /// @param nodes that are members from the start
  /// @param joiners places for members that join later
  /// @param proof what it takes for state to be taken over
  public record Setup(
      int nodes,
      int joiners,
      Limits limits,
      Proof proof,
      LinkOptions links,
      DiskOptions disks,
      Engine.Factory engines,
      Signatures signatures,
      Trace trace,
      Draws draws) {}

  public World(Setup setup) {
    trace = setup.trace();
    limits = setup.limits();
    proof = setup.proof();
    engines = setup.engines();
    disks = setup.disks();
    var draws = setup.draws();
    var identity = draws.split("identity");
    cluster = new ClusterId(identity.bits(), identity.bits());
    systemId = SpaceId.of(cluster, SpaceId.SYSTEM, 0);
    mainId = SpaceId.of(cluster, SpaceId.MAIN, 0);
    int machinesMost = setup.nodes() + setup.joiners();
    keys = new Keyring(machinesMost, setup.signatures(), draws.split("keys"));
    wire = new WireForm(cluster, keys);
    // With a place for the copy of one of them.
    int places = machinesMost + 1;
    network = new Network(places, setup.links(), agenda, draws.split("network"), this);
    connections = new Connections(this, places, draws.split("connections"));
    joining = new Joining(this, setup.nodes(), setup.joiners());
    for (int number = 0; number < machinesMost; number++) {
      machines.add(new SimulatedNode(this, number, "node" + number, draws.split("node/" + number)));
    }
    copy = new SimulatedNode(this, machinesMost, "copy", draws.split("copy"));
    liars = new Liars(this, LieOptions.NONE, machines, draws);
  }

  /// Adds an observer; those added first see things first.
  public void observe(Observer observer) {
    observers.add(observer);
    watchers.add(observer);
  }

  /// Adds one that judges members: it sees nothing of those that lie.
  public void judge(Observer observer) {
    watchers.add(observer);
  }

  /// Has some of the founding members lie.
  public void haveLie(LieOptions options, Draws draws) {
    liars = new Liars(this, options, nodes(), draws);
    observe(liars);
  }

  /// The members that lie.
  public Liars liars() {
    return liars;
  }

  public Agenda agenda() {
    return agenda;
  }

  /// Every batch that was ever durable anywhere.
  public Formed formed() {
    return formed;
  }

  /// What batches are called, of which several may have one number.
  public Lineage lineage() {
    return lineage;
  }

  public Counts counts() {
    return counts;
  }

  /// The keys of all nodes, ordered.
  public SortedSet<KeyFingerprint> members() {
    return nodes().stream().map(SimulatedNode::key).collect(Collectors.toCollection(TreeSet::new));
  }

  /// Those that are members or were, be they up or not.
  public List<SimulatedNode> nodes() {
    return machines.subList(0, joining.members());
  }

  /// What operators state of members.
  public Statements statements() {
    return statements;
  }

  public Joining joining() {
    return joining;
  }

  /// What versions of the product the nodes are of.
  public Versions versions() {
    return versions;
  }

  /// The keys that are revoked, as any node has heard, ordered.
  public SortedSet<KeyFingerprint> evicted() {
    var evicted = new TreeSet<KeyFingerprint>();
    nodes().forEach(node -> evicted.addAll(node.revocations().keys()));
    return evicted;
  }

  /// The honest nodes that have not left and are not lost, be they evicted.
  public List<SimulatedNode> present() {
    return nodes().stream().filter(node -> !node.isGone() && !liars.has(node)).toList();
  }

  /// The honest nodes that are not evicted, have not left and are not lost.
  public List<SimulatedNode> remaining() {
    var evicted = evicted();
    return present().stream()
        .filter(node -> !evicted.contains(node.key()))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /// Says by what nodes write in their own name.
  public void writeBy(BiConsumer<SimulatedSpace, Mutation> nodesWriter) {
    writer = nodesWriter;
  }

  /// Says how all read what a `_system` says of the spaces of a name, if not by [SpaceNotes#read]:
  /// bugs in that are planted here.
  public void readSpacesBy(BiFunction<SpaceReader, String, SpaceNotes> reading) {
    notes = reading;
  }

  /// What a node's `_system` says of the spaces of a name.
  SpaceNotes notes(SimulatedSpace system, String name) {
    return notes.apply(system.reader(), name);
  }

  /// Writes something in a node's own name.
  void write(SimulatedSpace space, Mutation mutation) {
    writer.accept(space, mutation);
  }

  /// Members that have lapsed, as a node has heard.
  public SortedSet<KeyFingerprint> lapsed(SimulatedNode at) {
    return at.heard().lapsed();
  }

  /// Whether a batch was signed by whom it names.
  public boolean isGenuine(SignedBatch batch) {
    return wire.isGenuine(batch);
  }

  /// Has what a node holds of an evicted member stand.
  public void adopt(SimulatedNode node, SpaceId space, KeyFingerprint evicted) {
    node.offer(space, new Event.Adopting(Long.MAX_VALUE, evicted));
  }

  /// A machine with a copy of one of the nodes, its key included: down, unless it was started
  /// beside the original. It is not one of [#nodes()].
  public SimulatedNode copy() {
    return copy;
  }

  /// The machine at a place in the network.
  SimulatedNode at(int place) {
    return place == copy.number() ? copy : machines.get(place);
  }

  /// The key of the machine at a place.
  KeyFingerprint keyAt(int place) {
    return at(place).key();
  }

  public Network network() {
    return network;
  }

  public Connections connections() {
    return connections;
  }

  public Limits limits() {
    return limits;
  }

  /// What it takes for state to be taken over, unless an operator has set a node otherwise.
  public Proof proof() {
    return liars.areThere() ? Proof.NEEDED : proof;
  }

  public ClusterId cluster() {
    return cluster;
  }

  public Keyring keys() {
    return keys;
  }

  /// The id of `_system`.
  public SpaceId systemId() {
    return systemId;
  }

  /// The id of `main`.
  public SpaceId mainId() {
    return mainId;
  }

  /// The id of a space.
  public SpaceId spaceId(String name, long generation) {
    return SpaceId.of(cluster, name, generation);
  }

  /// Gives all disks other options.
  public void disks(DiskOptions options) {
    disks = options;
  }

  /// Puts a line about the plan or the workload into the trace.
  public void note(String who, String what) {
    trace.line(agenda.nowNanos(), who, what);
  }

  DiskOptions disks() {
    return disks;
  }

  Engine.Factory engines() {
    return engines;
  }

  /// Those that see what a node does.
  List<Observer> observers(SimulatedNode of) {
    return liars.has(of) ? observers : watchers;
  }

  /// The form of what nodes say to each other.
  public WireForm wire() {
    return wire;
  }

  void note(SimulatedNode node, String what) {
    trace.line(agenda.nowNanos(), node.toString(), what);
  }

  void trace(SimulatedSpace space, Supplier<String> what) {
    trace.line(agenda.nowNanos(), space.toString(), what.get());
  }

  /// The loop of a space has carried out all effects of an event.
  void done(SimulatedSpace space) {
    observers(space.node()).forEach(observer -> observer.done(space));
    boolean systemMoved = space.id().equals(systemId()) && space.node().systemMoved();
    if (systemMoved) {
      space.node().systemAdvanced();
    }
  }

  void send(SimulatedNode from, List<KeyFingerprint> peers, Message message) {
    byte[] frame = wire.encode(message);
    for (var peer : peers) {
      int to = keys.node(peer);
      if (to < 0 || peer.equals(from.key())) {
        throw new Violation("engine", from + " sends to " + peer + ", which is no peer");
      }
      for (byte[] said : liars.frames(from, peer, message, frame)) {
        send(from.number(), to, said);
        counts.add(BYTES_OF + kind(message), said.length);
      }
      // As a link does: every process with the key hears all.
      if (copy.isUp() && copy.key().equals(peer)) {
        send(from.number(), copy.number(), frame);
      }
    }
  }

  private static String kind(Message message) {
    return switch (message) {
      case Message.Batches _ -> "batches";
      case Message.Announcement _ -> "beacons";
      case Message.Pull _ -> "pulls";
      case Message.Behind _, Message.Transferred _ -> "transfers";
      case Message.Evidence _ -> "proofs of forks";
      case Message.Ask _, Message.Acknowledged _ -> "acknowledgements";
    };
  }

  /// Sends what a liar has made up.
  void lie(SimulatedNode from, KeyFingerprint peer, byte[] frame) {
    network.send(from.number(), keys.node(peer), frame);
  }

  private void send(int from, int to, byte[] frame) {
    counts.add("messages");
    counts.add("bytes", frame.length);
    network.send(from, to, frame);
  }

  @Override
  public void arrived(int from, int to, byte[] frame) {
    var node = at(to);
    if (!node.isUp() || connections.refuses(to, from) || !joining.areAcquainted(to, from)) {
      return;
    }
    try {
      liars.at(node).ifPresent(liar -> liar.hears(frame));
      var message = wire.decode(frame);
      if (message instanceof Message.Ask(var space, var token)) {
        liars.at(node).ifPresent(liar -> liar.asked(keyAt(from), space, token));
      }
      observers(node).forEach(observer -> observer.received(node, message));
      if (node.spaces().stream().noneMatch(space -> space.id().equals(message.space()))) {
        counts.add("frames for spaces that are not here");
      }
      node.offer(message.space(), new Event.Arrived(keyAt(from), List.of(message)));
    } catch (MalformedException refused) {
      counts.add("frames refused");
      note(node, "refuses a frame of node" + from + ": " + refused.getMessage());
    }
  }

  @Override
  public void injected(Network.Fault fault, int from, int to) {
    counts.add("fault: " + fault.name().toLowerCase(Locale.ROOT));
    note("net " + from + ">" + to, fault.name().toLowerCase(Locale.ROOT));
  }
}
