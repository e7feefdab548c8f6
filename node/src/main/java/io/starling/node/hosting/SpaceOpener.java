package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.loop.LoopObserver;
import io.starling.node.loop.SpaceLoop;
import io.starling.node.member.Forms;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.node.peer.PeerLinks;
import io.starling.node.storage.SpaceStore;
import io.starling.node.watch.WatchHub;
import io.starling.replica.Effect;
import io.starling.replica.Replica;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.hosting.Company;
import io.starling.replica.hosting.MakingAnew;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.membership.Revocations;
import io.starling.replica.message.Message;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts a space together: its store, its loop and who watches it.
final class SpaceOpener {

  private static final Logger LOG = LoggerFactory.getLogger(SpaceOpener.class);
  private static final int ENTROPY_BYTES = 32;

  private final HostParts parts;
  private final DamagedStores damaged;
  private final Consumer<String> rebuilt;
  private final SpaceGate gate;
  private final OfSystem ofSystem;
  private final Duration patience;
  private final SecureRandom random = new SecureRandom();

  /// What there is to know of `_system` for the sake of the other spaces.
  ///
  /// @param isServed whether clients may read it: it is not just being made anew
  /// @param status how far it is
  /// @param members of the cluster
  /// @param namedElsewhere what waiting batches of other spaces name of it
  record OfSystem(
      BooleanSupplier isServed,
      Supplier<SpaceStatus> status,
      Supplier<Members> members,
      Supplier<SortedMap<KeyFingerprint, VersionVector>> namedElsewhere) {}

  /// @param damaged what of the store was set aside
  /// @param rebuilt is told of each space that was made anew
  /// @param gate what is let into the spaces
  /// @param patience how long a store that is made anew waits for what nobody in reach has
  SpaceOpener(
      HostParts parts,
      DamagedStores damaged,
      Consumer<String> rebuilt,
      SpaceGate gate,
      OfSystem ofSystem,
      Duration patience) {
    this.patience = patience;
    this.ofSystem = ofSystem;
    this.parts = parts;
    this.damaged = damaged;
    this.rebuilt = rebuilt;
    this.gate = gate;
  }

  /// A node that leaves counts as nobody's copy, so it says nothing that would make it count.
  private PeerLinks gated(PeerLinks links) {
    return (peer, message) -> {
      if (!(message instanceof Message.Acknowledged) || gate.acknowledges()) {
        links.send(peer, message);
      }
    };
  }

  SpaceId id(String name, long generation) {
    return SpaceId.of(parts.identity().cluster(), name, generation);
  }

  /// Opens a space and starts its loop.
  ///
  /// @param system what is applied of `_system`; empty for that space itself
  /// @param also sees what the loop does, before the watches do
  /// @param members who hosts it
  /// @param links what it sends by
  /// @param retention how much of its log is kept, when it is opened
  /// @throws io.starling.replica.port.StorageFailure if its store cannot be opened
  HostedSpace open(
      String name,
      long generation,
      Optional<SystemPort> system,
      Supplier<Members> members,
      Supplier<LogRetention> retention,
      PeerLinks links,
      List<LoopObserver> also) {
    var id = id(name, generation);
    var store = parts.store().space(id);
    var meter = parts.records().meter().apply(name);
    var hub = new WatchHub(id, store, meter);
    var waiters = new CoverageWaiters(id, store.live());
    var records = parts.records();
    var observers = new ArrayList<LoopObserver>(also);
    observers.add(new SpaceRecorder(name, records.activity(), records.alarms(), records.clock()));
    observers.add(meter);
    observers.add(records.trace().apply(name));
    var acknowledgements =
        new Acknowledgements(id, parts.identity(), links, members, records.clock(), meter);
    var pace = new CatchUpPace(records.clock());
    observers.add(pace);
    observers.add(waiters);
    observers.add(acknowledgements);
    observers.add(hub);
    var rebuild =
        damaged.isToBeMade(id)
            ? Optional.of(rebuild(name, id, store, members))
            : Optional.<SpaceRebuild>empty();
    rebuild.ifPresent(observers::add);
    var loop =
        new SpaceLoop(
            new SpaceLoop.Parts(
                name,
                id,
                store,
                (opened, now) -> Replica.open(setup(id, opened, system, members, retention), now),
                gated(links),
                parts.queues(),
                parts.limits().tick(),
                records.clock()),
            observers);
    hub.attach(loop);
    acknowledgements.attach(() -> loop.status().self());
    loop.start();
    rebuild.ifPresent(it -> it.begin(loop::recover));
    return new HostedSpace(
        new HostedSpace.Parts(
            name,
            generation,
            id,
            store,
            loop,
            hub,
            pace,
            waiters,
            acknowledgements,
            rebuild,
            gate,
            meter,
            key -> members.get().isHost(key)));
  }

  private SpaceRebuild rebuild(
      String name, SpaceId id, SpaceStore store, Supplier<Members> members) {
    alarm(
        name,
        "the store was found damaged ("
            + damaged.reason()
            + "); it was set aside as "
            + damaged.places()
            + ", and this space is made anew from the other members");
    return new SpaceRebuild(
        new SpaceRebuild.Setup(
            name,
            id,
            parts.identity().key(),
            store.live(),
            parts.identity().genuine(),
            () -> around(id, members.get()),
            this::isLostOfSystem,
            patience,
            lost -> {
              lost.ifPresent(what -> alarm(name, "after its store was found damaged: " + what));
              rebuilt.accept(name);
            }),
        damaged);
  }

  /// Whether a batch of `_system` is neither here, where that is made anew, nor with any other
  /// member, all of which are in reach.
  private boolean isLostOfSystem(VersionVector.Entry batch) {
    var system = id(SpaceId.SYSTEM, 0);
    return !damaged.isToBeMade(system)
        && batch.replica().key().equals(parts.identity().key())
        && here(system, batch.replica()) < batch.seq()
        && MakingAnew.level(ofSystem.status().get()).containsAll(others(ofSystem.members().get()));
  }

  private long here(SpaceId space, ReplicaId replica) {
    var state = new StoredSpace(parts.store().space(space).live());
    return state.head(replica).map(Origin::seq).orElse(0L);
  }

  private SortedSet<KeyFingerprint> others(Members members) {
    var others = keys(members);
    others.remove(parts.identity().key());
    return others;
  }

  /// Tells an operator what there is about a damaged store.
  void alarm(String space, String message) {
    LOG.warn("space {}: {}", space, message);
    var alarm = new Effect.Alarm(Effect.Kind.STORE_DAMAGED, message);
    parts.records().alarms().raise(space, alarm, parts.records().clock().instant());
  }

  private MakingAnew.Around around(SpaceId id, Members members) {
    var system = id(SpaceId.SYSTEM, 0);
    return new MakingAnew.Around(
        company(id.equals(system), members), others(members), !damaged.isToBeMade(system));
  }

  private Company company(boolean isSystem, Members members) {
    if (!members.isHost(parts.identity().key())) {
      return Company.NO_HOST;
    }
    boolean isAlone = !isSystem && ofSystem.isServed().getAsBoolean() && isAlone(members);
    return isAlone ? Company.ALONE : Company.AMONG_HOSTS;
  }

  /// Whether nobody else hosts a space, lapsed members included: they come back with what they
  /// have.
  private boolean isAlone(Members members) {
    return members.all().stream().map(Member::key).allMatch(parts.identity().key()::equals);
  }

  /// For whom log is kept.
  private static SortedSet<KeyFingerprint> keys(Members members) {
    var lapsed = members.lapsed();
    return members.all().stream()
        .map(Member::key)
        .filter(key -> !lapsed.contains(key))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Replica.Setup setup(
      SpaceId id,
      SpaceStore store,
      Optional<SystemPort> system,
      Supplier<Members> members,
      Supplier<LogRetention> retention) {
    var entropy = new byte[ENTROPY_BYTES];
    random.nextBytes(entropy);
    var identity = parts.identity();
    return new Replica.Setup(
        identity.cluster(),
        id,
        identity.key(),
        entropy,
        parts.limits().retaining(retention.get()),
        store.live(),
        store::snapshot,
        identity.signer(),
        system,
        new Membership(
            identity.key(), members, system.isEmpty() ? ofSystem.namedElsewhere() : TreeMap::new),
        parts.proof());
  }

  /// Who belongs to the cluster, for the engine of a space.
  private record Membership(
      KeyFingerprint self,
      Supplier<Members> all,
      Supplier<SortedMap<KeyFingerprint, VersionVector>> named)
      implements MembershipPort {

    @Override
    public SortedSet<KeyFingerprint> members() {
      var hosts = keys(all.get());
      if (!hosts.isEmpty()) {
        // Also while it is to be one no longer.
        hosts.add(self);
      }
      return hosts;
    }

    @Override
    public int peerForm(List<KeyFingerprint> reachable) {
      return Forms.writable(Forms.PEER, all.get().all(), reachable);
    }

    @Override
    public int batchFormat(List<KeyFingerprint> reachable) {
      return Forms.writable(Forms.BATCH, all.get().all(), reachable);
    }

    @Override
    public Revocations revocations() {
      return all.get().revocations();
    }

    @Override
    public SortedMap<KeyFingerprint, VersionVector> namedElsewhere() {
      return named.get();
    }
  }
}
