package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.member.Departure;
import io.starling.node.member.Eviction;
import io.starling.node.member.Evictions;
import io.starling.node.member.Lapse;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.node.peer.Admission;
import io.starling.node.peer.SpaceInbox;
import io.starling.node.space.Absence;
import io.starling.node.space.ListedSpace;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.space.SpaceSettings;
import io.starling.node.space.Spaces;
import io.starling.node.space.Watch;
import io.starling.node.status.NodeStatus;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.SystemPort;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The spaces of this node: `_system`, `main`, and each one that `_system` lists, opened as soon as
/// it is seen there.
public final class HostedSpaces implements Spaces, AutoCloseable {

  /// Spaces that may be created; each costs a thread.
  public static final int SPACES_MAX = 256;

  private static final Logger LOG = LoggerFactory.getLogger(HostedSpaces.class);

  private static final long RETRY_SECONDS = 10;

  /// Former spaces of one name that are looked for among what is stored; of older ones it is left.
  private static final long GENERATIONS_MAX = 10_000;

  private final HostParts parts;
  private final SpaceGate gate = new SpaceGate();
  private final SpaceTable table = new SpaceTable(gate);
  private final DamagedStores damaged;
  private final SpaceOpener opener;
  private final SystemObserver observer = new SystemObserver(this::systemAdvanced);
  private final AtomicBoolean mustLook = new AtomicBoolean();
  private final HostedSpace system;
  private final Evicting evicting;
  private final SystemPort applied;
  private final MemberDocuments known;
  // The loop of _system may ask before its documents can be read.
  private volatile Members members = List::of;
  private final SpaceDocuments documents;
  private final SpaceStatements statements;
  private final Departures departures;
  private boolean isClosed;

  /// Opens all spaces that are known here.
  ///
  /// @throws StorageFailure if a store cannot be opened
  public HostedSpaces(HostParts parts) {
    this.parts = parts;
    var systemId = SpaceId.of(parts.identity().cluster(), SpaceId.SYSTEM, 0);
    this.damaged = new DamagedStores(parts.store(), systemId, DamagedStores.PAUSE);
    this.opener =
        new SpaceOpener(
            parts,
            damaged,
            _ -> rebuilt(),
            gate,
            new SpaceOpener.OfSystem(
                this::isSystemServed, this::systemStatus, this::members, this::namedElsewhere),
            SpaceRebuild.PATIENCE);
    this.departures = new Departures(parts.store(), this::lookAgain);
    this.system =
        opener.open(
            SpaceId.SYSTEM,
            0,
            Optional.empty(),
            this::members,
            parts.limits()::retention,
            parts.links(),
            List.of(observer));
    this.applied = new AppliedSystem(system.loop(), parts.store().space(system.id()).live());
    var revocations = new RevocationDocuments(system, parts.identity().revocation());
    this.known = new MemberDocuments(system, revocations);
    this.evicting = new Evicting(parts, gate, system, table, revocations);
    system.discount(revocations::isBeyond);
    table.listen(
        peer -> Thread.ofVirtual().name("dismissal").start(() -> evicting.up(peer)),
        evicting::dismissed);
    this.members = known;
    this.documents = new SpaceDocuments(system);
    this.statements =
        new SpaceStatements(
            parts.identity().cluster(), system, documents, known, parts.records().clock());
    table.add(system);
    observer.whenChanged(SystemDocuments.MEMBERS, known::forget);
    observer.whenChanged(
        Lapse.PREFIX,
        () -> {
          known.forget();
          Thread.ofVirtual().name("lapse").start(this::takeBackLapse);
        });
    observer.whenChanged(
        Eviction.PREFIX,
        () -> {
          revocations.forget();
          known.forget();
          Thread.ofVirtual().name("evictions").start(evicting::changed);
        });
    observer.whenChanged(Departure.PREFIX, known::forget);
    observer.whenChanged(
        SystemDocuments.SPACES,
        () -> {
          documents.forget();
          lookForSpaces();
        });
    try {
      damaged.look(this::lookedAside);
      open(documents.find(SpaceId.MAIN));
    } catch (StorageFailure failure) {
      stopBegun();
      throw failure;
    }
    settle();
    evicting.changed();
    departures.resume(remains());
    takeBackLapse();
  }

  /// What is stored here of spaces that were dropped before they could be deleted.
  private SortedSet<SpaceId> remains() {
    var remains = new TreeSet<>(parts.store().spaces());
    table.all().forEach(space -> remains.remove(space.id()));
    // What others are to host is opened, so that it is handed over; if that fails now, later.
    remains.removeIf(id -> !isDropped(id));
    return remains;
  }

  /// Whether `_system` says that a space is not to be here any more. That it is not listed says
  /// nothing: the news may not have come.
  public boolean isGone(SpaceId id) {
    boolean isElsewhere =
        documents.all().values().stream()
            .filter(space -> space.isCreated() && !isHost(space))
            .filter(space -> table.find(space.name()).isEmpty())
            .anyMatch(space -> opener.id(space.name(), space.generation()).equals(id));
    return isElsewhere || isDropped(id);
  }

  private boolean isDropped(SpaceId id) {
    for (var space : documents.all().values()) {
      long last = Math.max(0, space.generation() - GENERATIONS_MAX);
      for (long generation = space.generation() - 1; generation >= last; generation--) {
        if (opener.id(space.name(), generation).equals(id)) {
          return true;
        }
      }
    }
    return false;
  }

  /// Who hears that it has lapsed is there again.
  private void takeBackLapse() {
    var self = parts.identity().key();
    try {
      if (members.lapsed().contains(self)) {
        write(List.of(Lapse.end(self)))
            .thenAccept(outcome -> LOG.info("this node had lapsed; it is back: {}", outcome));
      }
    } catch (StorageFailure failure) {
      LOG.warn("whether this node has lapsed cannot be read: {}", failure.getMessage());
    }
  }

  /// A space was made anew.
  private void rebuilt() {
    takeBackLapse();
    settle();
  }

  /// More may be known of what the damaged stores have; or it is known what never will be.
  private void lookedAside() {
    settle();
    var lost = damaged.lost();
    if (!lost.isEmpty()) {
      opener.alarm(
          SpaceId.SYSTEM,
          "nothing can be read any more of these damaged stores, or not which spaces they had: "
              + lost
              + "; what this node alone had there of a space is lost");
    }
  }

  /// Notes that all spaces are made anew, once those of the damaged stores are, too: they may not
  /// be listed here yet. Also those that others are to host by now: they are handed over first.
  private synchronized void endRebuilding() {
    if (isClosed || !damaged.isAny() || !damaged.isSettled()) {
      return;
    }
    var all = new TreeSet<>(damaged.spaces());
    table.all().forEach(space -> all.add(space.id()));
    all.removeIf(this::isDropped);
    if (all.stream().noneMatch(damaged::isToBeMade)) {
      damaged.over();
      LOG.info(
          "the store is made anew; what was damaged is kept in {}, to be removed by hand",
          damaged.places());
    }
  }

  /// Ends what was begun by a constructor that fails.
  private void stopBegun() {
    try {
      close();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /// The space that the cluster is administered with.
  public Space system() {
    return system;
  }

  /// The way in for what peers say.
  public SpaceInbox inbox() {
    return table;
  }

  public Members members() {
    return members;
  }

  public Evictions evictions() {
    return evicting;
  }

  /// Whether clients may read `_system`: it is not just being made anew.
  private boolean isSystemServed() {
    return system.objection().isEmpty();
  }

  private SpaceStatus systemStatus() {
    return system.status();
  }

  /// What waiting batches of other spaces name of `_system`; nothing, while nobody is evicted.
  private SortedMap<KeyFingerprint, VersionVector> namedElsewhere() {
    var named = new TreeMap<KeyFingerprint, VersionVector>();
    for (var space : table.all()) {
      if (!space.name().equals(SpaceId.SYSTEM)) {
        space
            .status()
            .revocation()
            .namedOfSystem()
            .forEach((author, vector) -> named.merge(author, vector, VersionVector::join));
      }
    }
    return named;
  }

  /// Has something run, on the thread of `_system`'s loop and so quickly, before a change to keys
  /// with a prefix in `_system` is answered.
  public void whenSystemChanges(String prefix, Runnable changed) {
    observer.whenChanged(prefix, changed);
  }

  @Override
  public Optional<Space> find(String name) {
    return table.find(name).map(Space.class::cast);
  }

  @Override
  public List<Space> all() {
    return List.copyOf(table.all());
  }

  @Override
  public CompletionStage<Outcome> create(String principal, String name, SpaceChange settings) {
    return statements
        .create(principal, name, settings)
        .thenApply(
            outcome -> outcome instanceof Outcome.Committed ? opened(name, outcome) : outcome);
  }

  @Override
  public CompletionStage<Outcome> change(String principal, String name, SpaceChange change) {
    return statements.change(principal, name, change).thenApply(this::settled);
  }

  @Override
  public CompletionStage<Outcome> drop(String principal, String name, Optional<SpaceId> meant) {
    if (name.equals(SpaceId.MAIN)) {
      return CompletableFuture.completedStage(
          new Outcome.Refused(
              Outcome.Reason.INVALID_ARGUMENT,
              "'main' is in every cluster and cannot be dropped; remove its keys instead"));
    }
    return statements.drop(principal, name, meant).thenApply(this::settled);
  }

  @Override
  public List<ListedSpace> listed() {
    var listed = new ArrayList<ListedSpace>();
    listed.add(
        listed(new SpaceRecord(SpaceId.SYSTEM, 0, true, Optional.empty(), SpaceSettings.USUAL)));
    documents.all().values().stream()
        .filter(SpaceRecord::isCreated)
        .map(this::listed)
        .forEach(listed::add);
    return listed;
  }

  private ListedSpace listed(SpaceRecord record) {
    var here = table.find(record.name()).map(HostedSpace::status);
    return new ListedSpace(
        record.name(),
        opener.id(record.name(), record.generation()),
        record.generation(),
        hosting(record),
        here.map(SpaceStatus::cells).orElse(0L),
        here.map(it -> it.log().bytes()).orElse(0L),
        record.settings(),
        hosts(record));
  }

  private ListedSpace.Hosting hosting(SpaceRecord record) {
    var here = table.find(record.name());
    if (here.isEmpty()) {
      return ListedSpace.Hosting.ELSEWHERE;
    }
    return here.get().isLeaving() ? ListedSpace.Hosting.LEAVING : ListedSpace.Hosting.HERE;
  }

  private List<ListedSpace.Host> hosts(SpaceRecord record) {
    return new SpaceHosts(members, record::settings)
        .all().stream()
            .map(it -> new ListedSpace.Host(it.key(), it.name(), it.addresses()))
            .toList();
  }

  @Override
  public Absence absence(String name) {
    var record = documents.find(name);
    if (record.isCreated() && !isHost(record)) {
      return elsewhere(record);
    }
    return !record.isCreated() && record.dropped().isPresent()
        ? new Absence.Dropped(record.dropped().get())
        : new Absence.Unknown();
  }

  private Absence.Elsewhere elsewhere(SpaceRecord record) {
    return new Absence.Elsewhere(
        hosts(record).stream().filter(it -> !it.key().equals(parts.identity().key())).toList());
  }

  private boolean isHost(SpaceRecord record) {
    return record.settings().isHost(parts.identity().key());
  }

  /// Writes what this node is into `_system`, unless it stands there already.
  ///
  /// @param firstTime what is written together with it when nothing at all stands there
  public CompletionStage<Outcome> describe(Member member, List<Mutation> firstTime) {
    var key = SystemDocuments.MEMBERS + member.key();
    var stored = SystemDocuments.find(system, key);
    var known = stored.flatMap(it -> MemberDocuments.member(member.key().toString(), it));
    if (known.equals(Optional.of(member))) {
      var token = system.loop().applied();
      return CompletableFuture.completedStage(new Outcome.Committed(token, 0));
    }
    var mutations = new ArrayList<Mutation>();
    mutations.add(new Mutation.Merge(Path.of(key), MemberDocuments.document(member), false));
    // What a newer version had announced under this key holds no more after a step back.
    var reads = Path.of(key).field("reads");
    known.stream()
        .flatMap(before -> before.reads().newest().keySet().stream())
        .filter(form -> !member.reads().newest().containsKey(form))
        .forEach(form -> mutations.add(new Mutation.Remove(reads.field(form))));
    if (stored.isEmpty()) {
      mutations.addAll(firstTime);
    }
    return write(mutations);
  }

  /// What the node itself writes into `_system`.
  private CompletionStage<Outcome> write(List<Mutation> mutations) {
    return system.write(new Request("", Optional.empty(), mutations));
  }

  /// Takes no writes of clients any more, and gives no acknowledgements, until [#takeWrites()].
  ///
  /// @param why for the clients
  public void refuseWrites(String why) {
    gate.close(why);
  }

  /// Takes everything again.
  public void takeWrites() {
    gate.open();
  }

  /// Whether nothing of the other members is applied any more: so what is here does not grow.
  public void seal(boolean isSealed) {
    gate.seal(isSealed);
  }

  /// What a space has applied, once no transaction waits for it; empty while one does.
  public Optional<Token> settled(String name) throws InterruptedException {
    var space = table.find(name);
    return space.isPresent() && space.get().isDrained()
        ? Optional.of(space.get().loop().applied())
        : Optional.empty();
  }

  /// Why what is here cannot be handed over now, for people; empty if it can.
  public Optional<String> incomplete() {
    return table.all().stream()
        .flatMap(
            space -> space.objection().map(why -> "space " + space.name() + ": " + why).stream())
        .findFirst()
        .or(this::stillToBeRead);
  }

  /// Spaces that go on beside clients, or are not listed here yet, are not all here either.
  private Optional<String> stillToBeRead() {
    return damaged.isAny()
        ? Optional.of(
            "this node's damaged store is being made anew from the other members, and not all that"
                + " it had is here yet; try again when that is over")
        : Optional.empty();
  }

  /// Whether what a damaged store held is still being fetched and read, for any space.
  public boolean isRebuilding() {
    return damaged.isAny();
  }

  /// Whether all is applied here of `_system` that a token names.
  public boolean covers(Token ofSystem) {
    var coverage = system.covers(ofSystem, Duration.ZERO).toCompletableFuture().join();
    return coverage == Space.Coverage.COVERED;
  }

  /// Writes into `_system` that this node is about to leave, for no other reason than that every
  /// store that was copied before lacks it: nobody reads it.
  public CompletionStage<Outcome> markLeaving(Instant now) {
    var at = Path.of(SystemDocuments.MEMBERS + parts.identity().key()).field("leaving");
    var millis = new Value.Int(now.toEpochMilli());
    return write(List.of(new Mutation.Set(at, millis, ReadRule.LATEST)));
  }

  /// States in `_system` that this node has left.
  public CompletionStage<Outcome> depart(Instant now) {
    return write(List.of(Departure.of(parts.identity().key(), now)));
  }

  /// When this node has left, as `_system` says here; empty if it has not.
  public Optional<Instant> departed() {
    return Optional.ofNullable(members.left().get(parts.identity().key()));
  }

  /// Who is let in, by what `_system` says here.
  public Admission admission() {
    return new Admitted(known);
  }

  /// The spaces with their conditions, by name.
  public List<NodeStatus.SpaceEntry> entries() {
    return table.all().stream().map(SpaceEntries::of).toList();
  }

  /// What waits in each space, by name.
  public SortedMap<String, SpaceLoad> loads() {
    var loads = new TreeMap<String, SpaceLoad>();
    table.all().forEach(space -> loads.put(space.name(), space.load()));
    return loads;
  }

  /// Stops all loops; `_system` last, for the others ask it.
  @Override
  public void close() throws InterruptedException {
    synchronized (this) {
      isClosed = true;
    }
    try {
      for (var space : table.all()) {
        if (!space.equals(system)) {
          space.stop();
        }
      }
      departures.close();
      system.stop();
    } finally {
      // Who makes a space anew reads them until it is stopped.
      damaged.close();
    }
  }

  private void systemAdvanced() {
    for (var space : table.all()) {
      if (!space.equals(system)) {
        space.loop().systemAdvanced();
      }
    }
  }

  /// Opening takes a while and must not hold up `_system`; one look at a time.
  private void lookForSpaces() {
    if (mustLook.compareAndSet(false, true)) {
      Thread.ofVirtual().name("spaces").start(this::settle);
    }
  }

  private synchronized void lookAgain() {
    if (!isClosed) {
      lookForSpaces();
    }
  }

  /// Has the spaces here be those that `_system` says.
  private void settle() {
    mustLook.set(false);
    boolean isSettled = true;
    for (var name : listedNames()) {
      try {
        settle(name);
      } catch (StorageFailure failure) {
        isSettled = false;
        LOG.error("space {} cannot be opened now: {}", name, failure.getMessage());
      } catch (RuntimeException bug) {
        // The trouble of one space is none of the others.
        isSettled = false;
        LOG.error("space {} cannot be opened: a bug", name, bug);
      }
    }
    if (!isSettled || !isRebuildingSeenTo()) {
      CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS).execute(this::lookAgain);
    }
  }

  /// The last space that was not made anew may just have gone.
  private boolean isRebuildingSeenTo() {
    try {
      endRebuilding();
      return true;
    } catch (StorageFailure failure) {
      LOG.warn("what is made anew cannot be read or noted now: {}", failure.getMessage());
      return false;
    }
  }

  private List<String> listedNames() {
    try {
      return List.copyOf(documents.all().keySet());
    } catch (StorageFailure failure) {
      LOG.error("the spaces cannot be read now: {}", failure.getMessage());
      CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS).execute(this::lookAgain);
      return List.of();
    }
  }

  /// By what is said now: whoever has looked earlier, and comes later, must not undo what is newer.
  private synchronized void settle(String name) {
    if (isClosed) {
      return;
    }
    var record = documents.find(name);
    table
        .find(record.name())
        .filter(space -> space.generation() < record.generation())
        .ifPresent(space -> drop(space, record));
    if (!record.isCreated()) {
      return;
    }
    open(record);
    var here = table.find(record.name());
    if (here.isPresent()) {
      here.get().retain(record.settings().retention(parts.limits().retention()));
      if (isHost(record)) {
        here.get().stay();
      } else if (here.get().leave(elsewhere(record).message(record.name()))) {
        move(here.get());
      }
    }
  }

  private void move(HostedSpace space) {
    new Move(space, () -> damaged.isWhole(space.id()), this::moved).begin();
  }

  private void drop(HostedSpace space, SpaceRecord record) {
    var why = new Absence.Dropped(record.dropped().orElse(Instant.EPOCH)).message(space.name());
    LOG.info("{}", why);
    var refusal = new Outcome.Refused(Outcome.Reason.NOT_FOUND, why);
    depart(space, Watch.End.DROPPED, refusal, () -> true);
  }

  /// A host has all that was applied here at a moment.
  private synchronized void moved(HostedSpace space, Token covered) {
    var record = documents.find(space.name());
    boolean isHere = !isClosed && table.find(space.name()).equals(Optional.of(space));
    var self = parts.identity().key();
    var applied = space.loop().applied();
    boolean isToGo =
        isHere
            && record.generation() == space.generation()
            && record.isCreated()
            && record
                .settings()
                .mayGiveUp(self, Optional.of(covered), applied, damaged.isWhole(space.id()));
    if (isToGo) {
      var why = elsewhere(record).message(space.name());
      var refusal = new Outcome.Refused(Outcome.Reason.FAILED_PRECONDITION, why);
      // What was still under way when it was asked may have been applied since.
      depart(space, Watch.End.MOVED, refusal, () -> space.loop().applied().equals(covered));
    } else if (isHere && space.isLeaving()) {
      move(space);
    }
  }

  private void depart(
      HostedSpace space, Watch.End end, Outcome.Refused why, BooleanSupplier mayGo) {
    table.remove(space);
    space.depart(end, why);
    parts.records().alarms().forget(space.name());
    departures.begin(space, why, mayGo);
  }

  /// A space that is stored here though others are to host it is opened, too, also if that is in a
  /// damaged store: it may have what they lack.
  private synchronized void open(SpaceRecord record) {
    var id = opener.id(record.name(), record.generation());
    boolean isToBeHere =
        !isClosed
            && table.find(record.name()).isEmpty()
            && !departures.isLeaving(id)
            && record
                .settings()
                .isOpenAt(
                    parts.identity().key(),
                    parts.store().spaces().contains(id) || damaged.have(id));
    if (!isToBeHere) {
      return;
    }
    var name = record.name();
    var settings = new GenerationSettings(documents, name, record.generation());
    var hosts = new SpaceHosts(members, settings);
    table.add(
        opener.open(
            name,
            record.generation(),
            Optional.of(applied),
            () -> hosts,
            () -> settings.get().retention(parts.limits().retention()),
            new HostLinks(parts.links(), parts.identity().key(), settings),
            List.of()));
  }

  /// After a statement that was written here: it holds here when that is answered.
  private Outcome settled(Outcome outcome) {
    if (outcome instanceof Outcome.Committed) {
      documents.forget();
      settle();
    }
    return outcome;
  }

  private Outcome opened(String name, Outcome committed) {
    try {
      documents.forget();
      settle(name);
      return documents.find(name).isCreated()
          ? committed
          : new Outcome.Refused(
              Outcome.Reason.ABORTED, "the space was dropped meanwhile; create it again");
    } catch (StorageFailure failure) {
      return new Outcome.Refused(
          Outcome.Reason.UNAVAILABLE,
          "the space was created, but cannot be opened here now: " + failure.getMessage());
    }
  }
}
