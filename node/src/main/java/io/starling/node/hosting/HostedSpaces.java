package io.starling.node.hosting;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.member.Lapse;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.node.peer.SpaceInbox;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.node.status.NodeStatus;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.SystemPort;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The spaces of this node: `_system`, `main`, and each one that `_system` lists, opened as soon as
/// it is seen there.
public final class HostedSpaces implements Spaces, AutoCloseable {

  /// Spaces that may be created; each costs a thread.
  public static final int SPACES_MAX = 256;

  private static final Logger LOG = LoggerFactory.getLogger(HostedSpaces.class);
  private static final Pattern NAME = Pattern.compile("[a-z0-9.-][a-z0-9._-]{0,63}");

  private static final long RETRY_SECONDS = 10;

  private final HostParts parts;
  private final SpaceTable table = new SpaceTable();
  private final SpaceOpener opener;
  private final SystemObserver observer = new SystemObserver(this::systemAdvanced);
  private final AtomicBoolean mustLook = new AtomicBoolean();
  private final HostedSpace system;
  private final SystemPort applied;
  // The loop of _system may ask before its documents can be read.
  private volatile Members members = List::of;
  private boolean isClosed;

  /// Opens all spaces that are known here.
  ///
  /// @throws StorageFailure if a store cannot be opened
  public HostedSpaces(HostParts parts) {
    this.parts = parts;
    this.opener = new SpaceOpener(parts, _ -> rebuilt());
    this.system = opener.open(SpaceId.SYSTEM, Optional.empty(), this::members, List.of(observer));
    this.applied = new AppliedSystem(system.loop(), parts.store().space(system.id()).live());
    var documents = new MemberDocuments(system);
    this.members = documents;
    table.add(system);
    observer.whenChanged(SystemDocuments.MEMBERS, documents::forget);
    observer.whenChanged(
        Lapse.PREFIX,
        () -> {
          documents.forget();
          Thread.ofVirtual().name("lapse").start(this::takeBackLapse);
        });
    observer.whenChanged(SystemDocuments.SPACES, this::lookForSpaces);
    try {
      open(SpaceId.MAIN);
    } catch (StorageFailure failure) {
      stopBegun();
      throw failure;
    }
    openListed();
    takeBackLapse();
    endRebuilding();
  }

  /// Who hears that it has lapsed is there again.
  private void takeBackLapse() {
    var self = parts.identity().key();
    try {
      if (members.lapsed().contains(self)) {
        system
            .submit("", Optional.empty(), List.of(Lapse.end(self)))
            .thenAccept(outcome -> LOG.info("this node had lapsed; it is back: {}", outcome));
      }
    } catch (StorageFailure failure) {
      LOG.warn("whether this node has lapsed cannot be read: {}", failure.getMessage());
    }
  }

  /// A space was made anew.
  private void rebuilt() {
    takeBackLapse();
    openListed();
    endRebuilding();
  }

  /// Notes that all spaces are made anew, once those of the damaged stores are, too: they may not
  /// be listed here yet.
  private synchronized void endRebuilding() {
    var rebuilding = parts.store().rebuilding();
    if (rebuilding.isEmpty() || isClosed) {
      return;
    }
    var all = rebuilding.get().spaces();
    table.all().forEach(space -> all.add(space.id()));
    if (all.stream().allMatch(rebuilding.get()::isDone)) {
      rebuilding.get().over();
      LOG.info(
          "the store is made anew; what was damaged is kept in {}, to be removed by hand",
          rebuilding.get().setAside());
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
  public CompletionStage<Outcome> create(String principal, String name) {
    if (!NAME.matcher(name).matches()) {
      return refused(
          Outcome.Reason.INVALID_ARGUMENT,
          "a space's name is 1 to 64 of a-z 0-9 - _ . and does not begin with _");
    }
    if (table.find(name).isPresent()) {
      var token = system.loop().applied();
      return CompletableFuture.completedStage(new Outcome.Committed(token, 0));
    }
    if (table.all().size() >= SPACES_MAX) {
      return refused(
          Outcome.Reason.RESOURCE_EXHAUSTED,
          "there are " + SPACES_MAX + " spaces, the most allowed");
    }
    var record = new TreeMap<String, Value>();
    record.put("created", new Value.Int(parts.records().clock().millis()));
    record.put("by", new Value.Text(principal));
    var path = Path.of(SystemDocuments.SPACES + name);
    var mutation = new Mutation.Set(path, new Value.Struct(record), ReadRule.LATEST);
    return system
        .submit(principal, Optional.empty(), List.of(mutation))
        .thenApply(
            outcome -> outcome instanceof Outcome.Committed ? opened(name, outcome) : outcome);
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
    return system.submit("", Optional.empty(), mutations);
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
    for (var space : table.all()) {
      if (!space.equals(system)) {
        space.stop();
      }
    }
    system.stop();
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
      Thread.ofVirtual().name("spaces").start(this::openListed);
    }
  }

  private synchronized void lookAgain() {
    if (!isClosed) {
      lookForSpaces();
    }
  }

  private void openListed() {
    mustLook.set(false);
    try {
      for (var name : SystemDocuments.names(system, SystemDocuments.SPACES)) {
        if (NAME.matcher(name).matches()) {
          open(name);
        }
      }
    } catch (StorageFailure failure) {
      LOG.error("new spaces cannot be opened now: {}", failure.getMessage());
      CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS).execute(this::lookAgain);
    }
  }

  private synchronized void open(String name) {
    if (!isClosed && table.find(name).isEmpty()) {
      table.add(opener.open(name, Optional.of(applied), this::members, List.of()));
    }
  }

  private Outcome opened(String name, Outcome committed) {
    try {
      open(name);
      return committed;
    } catch (StorageFailure failure) {
      return new Outcome.Refused(
          Outcome.Reason.UNAVAILABLE,
          "the space was created, but cannot be opened here now: " + failure.getMessage());
    }
  }

  private static CompletionStage<Outcome> refused(Outcome.Reason reason, String message) {
    return CompletableFuture.completedStage(new Outcome.Refused(reason, message));
  }
}
