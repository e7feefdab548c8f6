package io.starling.replica.state;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// A space's state as the engine works on it: what is applied, the cells, their digests.
public final class SpaceState {

  /// Cells that are joined one by one when others take the place of all.
  static final int OWN_CELLS_MAX = 10_000;

  private final Staging staging;
  private final ReplicaNumbers numbers;
  private final LogExtent log;
  private final Branches branches;
  private final Origins origins;
  private final DigestTree digests;
  private final CellStore cells;
  private final Requests requests;
  private final Stage stage;
  private final FreshCells fresh;
  private Optional<PendingJoin> joining;
  private Optional<KeyFingerprint> unattested;
  private byte[] sweptTo = new byte[0];

  /// Opens the state in a store, empty or not.
  ///
  /// @throws StorageFailure if the store is of another space or a newer version; it was not changed
  public SpaceState(SpaceId space, StatePort durable) {
    staging = new Staging(durable);
    checkFormat(space);
    numbers = new ReplicaNumbers(staging);
    log = new LogExtent(staging);
    branches = new Branches(staging);
    origins = new Origins(space, staging, numbers, log, branches);
    digests = new DigestTree(staging);
    cells = new CellStore(staging, numbers, digests);
    requests = new Requests(staging);
    stage = new Stage(staging, numbers);
    fresh = new FreshCells(staging, numbers);
    joining = PendingJoin.in(staging);
    unattested = staging.get(Table.META, Layout.UNATTESTED_KEY).map(SpaceState::key);
    showJoined();
  }

  private void showJoined() {
    cells.join(joining.map(join -> StagedCells.joined(staging, numbers, origins.closes(), join)));
  }

  public Staging staging() {
    return staging;
  }

  public ReplicaNumbers numbers() {
    return numbers;
  }

  public Origins origins() {
    return origins;
  }

  /// What became of replicas that were forked.
  public Branches branches() {
    return branches;
  }

  /// A token as it reads here, be it made by one who did not know of a fork.
  public Token read(Token token) {
    return branches.read(token, origins).token();
  }

  /// How much of the log is here.
  public LogExtent log() {
    return log;
  }

  public DigestTree digests() {
    return digests;
  }

  public CellStore cells() {
    return cells;
  }

  public Requests requests() {
    return requests;
  }

  public Stage stage() {
    return stage;
  }

  /// Cells of a state that is taken over whole.
  public FreshCells fresh() {
    return fresh;
  }

  /// Whether something is left of a transfer that is not part of the state.
  public boolean isStaged() {
    return !isJoining() && !(stage.isEmpty() && fresh.isEmpty());
  }

  /// Proofs of forks that are kept.
  public StoredForks forks() {
    return new StoredForks(staging);
  }

  /// Whether the staged cells are part of the state and not all joined yet. Until then the digests
  /// are those of the cells that are.
  public boolean isJoining() {
    return joining.isPresent();
  }

  /// The member on whose word alone the state rests: it was taken over from there, and no third one
  /// has confirmed it yet. Such a state is given to nobody, and confirms nobody's.
  public Optional<KeyFingerprint> unattested() {
    return unattested;
  }

  /// The state rests on the word of one member alone, or no longer.
  public void attest(Optional<KeyFingerprint> onlyBy) {
    unattested = onlyBy;
    if (onlyBy.isPresent()) {
      var key = onlyBy.get();
      staging.put(
          Table.META,
          Layout.UNATTESTED_KEY,
          new Encoder().u64(key.high()).u64(key.low()).toBytes());
    } else {
      staging.remove(Table.META, Layout.UNATTESTED_KEY);
    }
  }

  private static KeyFingerprint key(byte[] stored) {
    var in = new Decoder(stored);
    try {
      return new KeyFingerprint(in.u64(), in.u64());
    } catch (MalformedException broken) {
      throw new AssertionError("a broken mark of an unconfirmed state", broken);
    }
  }

  /// Whether a key of [Table#META] gives a replica its number, or tells it, or names a branch.
  public static boolean isName(byte[] key) {
    return key.length > 0
        && (key[0] == Layout.NUMBERS[0]
            || key[0] == Layout.REPLICAS[0]
            || key[0] == Layout.BRANCHES[0]);
  }

  /// Makes the stage part of the state. From now on every cell reads as joined with what is staged
  /// under its name.
  ///
  /// @param theirs the vector of the snapshot that it was taken from
  /// @param heads what is applied there
  /// @param begun where branches begin that are applied there, if that was told
  /// @throws IllegalStateException if an earlier join is pending
  public void goLive(
      Token theirs,
      List<Transfer.Row.HeadRow> heads,
      List<Transfer.Row.BranchRow> begun,
      List<Transfer.Row.CloseRow> closes) {
    if (joining.isPresent()) {
      throw new IllegalStateException("a join is pending");
    }
    var join = new PendingJoin(origins.token(), theirs);
    origins.adopt(heads, begun, closes);
    joining = Optional.of(join);
    sweptTo = new byte[0];
    staging.put(Table.META, Layout.JOIN_KEY, join.encode());
    showJoined();
  }

  /// Whether a state may be put in place of what is here ([#replace]): it knows of nothing that was
  /// written here, so it has removed nothing of it; and there are few cells here.
  public boolean isReplaceable(Past theirs) {
    boolean isUnknown =
        origins.all().stream().allMatch(origin -> theirs.seq(origin.replica()) == 0);
    return isUnknown && own(OWN_CELLS_MAX + 1).size() <= OWN_CELLS_MAX;
  }

  private record Own(CellId id, Cell cell) {}

  /// The first of the cells that are here.
  private List<Own> own(int max) {
    var own = new ArrayList<Own>();
    new StoredSpace(staging)
        .cells(
            new byte[0],
            new byte[0],
            (id, cell) -> {
              own.add(new Own(id, cell));
              return own.size() < max;
            });
    return own;
  }

  /// Puts the fresh cells in place of those that are here, and joins these with them: few, as a
  /// member that was blank has. Costs as much as there are of those.
  ///
  /// @param theirs the vector of the snapshot that they were taken from
  /// @param heads what is applied there
  /// @param begun where branches begin that are applied there, if that was told
  /// @throws IllegalStateException if a join is pending
  public void replace(
      Token theirs,
      List<Transfer.Row.HeadRow> heads,
      List<Transfer.Row.BranchRow> begun,
      List<Transfer.Row.CloseRow> closes) {
    if (joining.isPresent()) {
      throw new IllegalStateException("a join is pending");
    }
    cells.flush();
    var own = own(Integer.MAX_VALUE);
    var before = origins.token().vector();
    origins.adopt(heads, begun, closes);
    staging.promoteFresh();
    digests.become(fresh.sums(), staging);
    fresh.resume();
    var mine = new Past(before, origins.closes());
    var past = new Past(theirs.vector(), origins.closes());
    for (var cell : own) {
      cells.put(cell.id(), cell.cell().join(mine, cells.get(cell.id()), past));
    }
    cells.flush();
  }

  /// Keeps chain hashes of batches whose bodies are not here.
  public void keepHashes(ReplicaId replica, NavigableMap<Long, ChainHash> hashes) {
    int number = numbers.find(replica).orElseThrow();
    hashes.forEach((seq, hash) -> log.keepHash(number, seq, hash));
  }

  /// Drops some of a stage that will not go live.
  ///
  /// @return whether some is left
  /// @throws IllegalStateException if a join is pending: it is part of the state
  public boolean dropStaged(int max) {
    if (joining.isPresent()) {
      throw new IllegalStateException("a join is pending");
    }
    fresh.clear();
    var names = stage.names(sweptTo, max);
    names.forEach(name -> staging.remove(Table.STAGE, Layout.staged(name)));
    boolean isDone = names.size() < max;
    sweptTo = isDone ? new byte[0] : names.getLast();
    return !isDone;
  }

  /// Joins some of the staged cells.
  ///
  /// @return whether some are left
  public boolean sweep(int max) {
    // Behind it there may be many that are gone, which a store passes over one by one.
    var found = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
    stage.entries(
        sweptTo,
        (name, staged) -> {
          found.put(name, staged);
          return found.size() < max;
        });
    found.forEach(cells::joinStaged);
    sweptTo = found.isEmpty() ? sweptTo : found.lastKey();
    cells.flush();
    boolean isDone = found.size() < max;
    if (isDone) {
      joining = Optional.empty();
      sweptTo = new byte[0];
      staging.remove(Table.META, Layout.JOIN_KEY);
      showJoined();
    }
    return !isDone;
  }

  /// All that was changed since the last call, to be persisted at once.
  public Changes flush() {
    cells.flush();
    origins.flush();
    log.flush();
    return staging.take();
  }

  private void checkFormat(SpaceId space) {
    var format = new Encoder().varint(Layout.FORMAT).u64(space.high()).u64(space.low()).toBytes();
    var stored = staging.get(Table.META, Layout.FORMAT_KEY);
    if (stored.isEmpty()) {
      staging.put(Table.META, Layout.FORMAT_KEY, format);
      return;
    }
    checkFormat(stored.get(), space);
  }

  /// Refuses the format of a store of a newer version, or of another space.
  static void checkFormat(byte[] stored, SpaceId space) {
    var in = new Decoder(stored);
    try {
      long version = in.varint();
      if (version > Layout.FORMAT) {
        throw new StorageFailure(
            "the store is of format "
                + version
                + "; this version reads up to "
                + Layout.FORMAT
                + ": run the newer version again",
            new IllegalStateException("newer format"));
      }
      if (!new SpaceId(in.u64(), in.u64()).equals(space)) {
        throw new StorageFailure(
            "the store holds another space than " + space,
            new IllegalStateException("another space"));
      }
    } catch (MalformedException broken) {
      throw new StorageFailure("the store's format cannot be read", broken);
    }
  }
}
