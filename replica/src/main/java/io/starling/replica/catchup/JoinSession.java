package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CanonicalCell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellHash;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.Head;
import io.starling.replica.catchup.Joiner.Wish;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.Table;
import io.starling.replica.state.Branches;
import io.starling.replica.state.DigestTree;
import io.starling.replica.state.FreshCells;
import io.starling.replica.state.Origin;
import io.starling.replica.state.SpaceState;
import io.starling.replica.state.StagedCells;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// One transfer from a donor, up to a stage that is whole.
final class JoinSession implements AutoCloseable {

  // Cells that are looked at in one go.
  private static final int STEP = 2_000;

  /// Bytes that are written at once where nothing was: a store takes much in one go with less work.
  static final int FRESH_BYTES = 8 << 20;

  private static final int LEAVES_BYTES = 256 * 1024;

  private final SpaceState state;
  private final SnapshotPort snapshots;
  private final KeyFingerprint donor;
  private final long number;
  private final BooleanSupplier readBranches;
  private final PastRows theirPast = new PastRows();
  private final BitSet wanted = new BitSet();
  private final CellHash underSecret;
  private final CellPieces pieces = new CellPieces();
  private final JoinPace pace = new JoinPace();
  private OwnSums sums = new OwnSums();
  // What the donor was told; what it says is relative to that.
  private OwnSums told = new OwnSums();
  private Phase phase = Phase.OPENING;
  private Optional<StateSnapshot> opened = Optional.empty();
  private Optional<CellWalk> walk = Optional.empty();
  private CellDigest here = CellDigest.ZERO;
  // Whether the donor was asked where branches begin.
  private boolean withBranches;
  // Of all cells, if all came, each once.
  private Optional<CellDigest> keyed = Optional.empty();
  private Optional<Transfer.Offer> offer = Optional.empty();
  // Its vector, which every batch that comes is held against.
  private VersionVector donorHas = VersionVector.EMPTY;
  private Optional<LeafSums> leaves = Optional.empty();
  // A branch that is known to begin elsewhere: the donor may not know of an earlier fork.
  private Optional<Head> forked = Optional.empty();
  private boolean isWhole;
  // Whether what comes goes to tables of its own, for there is nothing here to be joined with it.
  private boolean isFresh;
  // Whether nothing is left of an earlier session in the leaves that were fetched.
  private boolean isCleared;
  // Pages whose turn has not come: one before them was lost, or that was not so.
  private final TreeMap<Long, Transfer.Page> held = new TreeMap<>();
  // Whether an earlier session has left something.
  private boolean hasStage;
  private int leafBits;
  private long nextPage;
  private long cells;
  private long bytes;
  private long unwritten;

  private enum Phase {
    /// Waits until all that was applied is durable, and so in its snapshot.
    OPENING,
    /// Sums up what is here.
    SUMMING,
    /// Waits for the offer.
    ASKED,
    /// Sums up the leaves of the buckets that differ.
    COMPARING,
    /// Takes pages.
    FETCHING,
    /// Takes out what an earlier session has left in leaves that come anew.
    EMPTYING,
    /// Counts what came.
    COUNTING,
    /// Moves what came to where it is joined cell by cell.
    MOVING,
    /// Finds what the donor has not.
    CLEARING,
    /// Is whole, and waits to go live.
    WHOLE
  }

  /// @param readBranches whether all members read what tells where branches begin; looked at when
  ///   the donor is asked, for members may have come since the session began
  JoinSession(
      SpaceState state,
      SnapshotPort snapshots,
      KeyFingerprint donor,
      long number,
      Secret secret,
      BooleanSupplier readBranches) {
    this.readBranches = readBranches;
    this.state = state;
    this.snapshots = snapshots;
    this.donor = donor;
    this.number = number;
    this.underSecret = secret.cells();
  }

  KeyFingerprint donor() {
    return donor;
  }

  Optional<Transfer.Offer> offer() {
    return offer;
  }

  boolean isOf(KeyFingerprint from, long given) {
    return donor.equals(from) && number == given;
  }

  SpaceStatus.CatchingUp status() {
    var at =
        switch (phase) {
          case OPENING, SUMMING, ASKED, COMPARING -> SpaceStatus.Phase.COMPARING;
          case FETCHING, EMPTYING, COUNTING, MOVING, CLEARING -> SpaceStatus.Phase.FETCHING;
          case WHOLE -> SpaceStatus.Phase.PROVING;
        };
    long all = offer.map(Transfer.Offer::cells).orElse(0L);
    return new SpaceStatus.CatchingUp(at, Optional.of(donor), all, cells, bytes);
  }

  /// Whether the donor's snapshot has a batch.
  boolean covers(Batch batch) {
    return batch.seq() <= donorHas.seq(batch.replica());
  }

  boolean holds(Batch batch) {
    if (offer.isEmpty()) {
      return true;
    }
    // One that is not listed is new to the donor, or closed there.
    return !donorHas.contains(batch.replica()) || covers(batch);
  }

  StatePort staged() {
    if (isFresh) {
      return FreshCells.shown(state.staging());
    }
    // Where all came, what is here does not count.
    Optional<StatePort> then = isWhole ? Optional.empty() : Optional.of(snapshot());
    return StagedCells.replaced(new EarlierCells(then, state.staging()));
  }

  /// Whether cells come that nobody needs to be durable one by one.
  boolean isFilling() {
    return isFresh && phase == Phase.FETCHING;
  }

  boolean hasWork() {
    return switch (phase) {
      case OPENING, SUMMING, COMPARING, EMPTYING, COUNTING, MOVING, CLEARING -> true;
      case ASKED, FETCHING, WHOLE -> false;
    };
  }

  List<Wish> work() throws MalformedException {
    pace.progress();
    return switch (phase) {
      case OPENING -> open();
      case SUMMING -> sum();
      case COMPARING -> compare();
      case EMPTYING -> empty();
      case COUNTING -> count();
      case MOVING -> move();
      case CLEARING -> clear();
      case ASKED, FETCHING, WHOLE -> List.of();
    };
  }

  List<Wish> tick() {
    pace.tick();
    if (phase == Phase.WHOLE) {
      return List.of();
    }
    if (pace.isSilent()) {
      return List.of(failed("it does not answer", false));
    }
    if (phase == Phase.FETCHING && pace.isTooSlow(bytes)) {
      return List.of(failed("it sends too little", false));
    }
    return sayAgain();
  }

  /// What the donor must hear again, or for once.
  private List<Wish> sayAgain() {
    if (phase == Phase.FETCHING) {
      return pace.isPageDue() ? List.of(get(nextPage)) : List.of();
    }
    var looked = offer.isPresent() ? pace.lookedToTell() : OptionalLong.empty();
    return looked.isPresent() ? List.of(send(new Transfer.Looking(looked.getAsLong()))) : List.of();
  }

  /// The donor looks through its cells.
  private List<Wish> heard(long cellsLooked) {
    long all = offer.map(Transfer.Offer::cells).orElse(0L);
    pace.donorLooks(cellsLooked, Donor.LOOKED_MAX + Donor.LOOKS * all);
    return List.of();
  }

  Wish failed(String why, boolean isFault) {
    return new Wish.Failed(donor, why, isFault);
  }

  private StateSnapshot snapshot() {
    return opened.orElseThrow();
  }

  private Wish send(Transfer transfer) {
    return new Wish.Send(donor, number, transfer);
  }

  private Wish get(long page) {
    return send(new Transfer.Get(page));
  }

  private List<Wish> open() {
    if (!state.staging().isEmpty()) {
      return List.of(new Wish.Persist());
    }
    close();
    opened = Optional.of(snapshots.open());
    hasStage = !state.stage().isEmpty();
    isFresh = !hasStage && (!state.fresh().isEmpty() || snapshot().isEmpty(Table.CELLS));
    walk = Optional.of(new CellWalk(compared()));
    sums = new OwnSums();
    phase = Phase.SUMMING;
    return List.of();
  }

  /// The cells that are compared with the donor's: what is here, with what earlier sessions have
  /// staged laid over it.
  private StatePort compared() {
    return isFresh ? FreshCells.shown(snapshot()) : StagedCells.replaced(snapshot());
  }

  private List<Wish> sum() {
    if (!hasStage && !isFresh) {
      var kept = new DigestTree(snapshot());
      for (int bucket = 0; bucket < Slots.BUCKETS; bucket++) {
        sums.add(bucket, kept.sum(bucket));
      }
      return summed();
    }
    var cellsHere = walk.orElseThrow();
    cellsHere.some(
        STEP,
        cell -> {
          sums.add(cell.bucket(), cell.digest());
          pace.look();
          return true;
        });
    return cellsHere.isDone() ? summed() : List.of();
  }

  private List<Wish> summed() {
    here = sums.total();
    if (offer.isPresent()) {
      return differing();
    }
    phase = Phase.ASKED;
    told = sums;
    isWhole = sums.isEmpty();
    withBranches = readBranches.getAsBoolean();
    return List.of(send(new Transfer.Ask(sums.groups(), withBranches)));
  }

  List<Wish> on(Transfer transfer) throws MalformedException {
    return switch (transfer) {
      case Transfer.Offer it when phase == Phase.ASKED -> offered(it);
      // A question that came late began another transfer at a donor that had started again: parts
      // of two snapshots are not one.
      case Transfer.Offer other
          when phase != Phase.WHOLE && offer.filter(it -> !it.equals(other)).isPresent() ->
          List.of(failed("it has begun anew", false));
      case Transfer.Page page when phase == Phase.FETCHING || phase == Phase.EMPTYING -> take(page);
      case Transfer.Refused(var reason, var message) when phase != Phase.WHOLE ->
          List.of(failed(message, reason == Transfer.Reason.DAMAGED));
      case Transfer.Looking(long cellsLooked) -> heard(cellsLooked);
      case Transfer.Offer _, Transfer.Page _, Transfer.Refused _ -> List.of();
      case Transfer.Ask _, Transfer.Leaves _, Transfer.Get _ -> List.of();
      case Transfer.Compare _, Transfer.Compared _, Transfer.Fetch _ -> List.of();
    };
  }

  private List<Wish> offered(Transfer.Offer offered) {
    pace.progress();
    offer = Optional.of(offered);
    donorHas = offered.token().vector();
    var wishes = new ArrayList<Wish>();
    wishes.add(new Wish.Offered(donor, number, offered, withBranches));
    // What is found so after all has come is moved then.
    isFresh &= !isWhole || state.isReplaceable(Joiner.past(offered.token(), List.of()));
    if (isWhole) {
      wishes.addAll(fetch(List.of()));
    } else if (!isFresh && coversNewWrites(offered.token())) {
      // What the donor may have seen removed of them must be found to differ: they must be in the
      // snapshot. The later ones it does not cover.
      phase = Phase.OPENING;
    } else {
      wishes.addAll(differing());
    }
    return wishes;
  }

  /// Whether a batch that was written here since the snapshot is in the donor's.
  private boolean coversNewWrites(Token theirs) {
    var then = new StoredSpace(snapshot());
    return theirs.heads().stream()
        .anyMatch(head -> {
          long before = then.head(head.replica()).map(Origin::seq).orElse(0L);
          return Math.min(head.seq(), state.origins().seq(head.replica())) > before;
        });
  }

  private List<Wish> differing() {
    var differing = sums.differing(told, offer.orElseThrow().groups());
    leafBits = Slots.leafBits(offer.orElseThrow().cells(), differing.size());
    leaves = Optional.of(new LeafSums(leafBits, differing));
    walk = Optional.of(new CellWalk(compared()));
    phase = Phase.COMPARING;
    return List.of();
  }

  private List<Wish> compare() {
    var inLeaves = leaves.orElseThrow();
    var cellsHere = walk.orElseThrow();
    cellsHere.some(
        STEP,
        cell -> {
          inLeaves.add(cell);
          pace.look();
          return true;
        });
    if (!cellsHere.isDone()) {
      return List.of();
    }
    // What was kept may not be the sum of what is here, if that was damaged.
    for (int bucket : inLeaves.buckets()) {
      here = here.minus(sums.sum(bucket)).plus(inLeaves.sum(bucket));
    }
    return fetch(inLeaves.told());
  }

  private List<Wish> fetch(List<Transfer.BucketSums> differing) {
    phase = Phase.FETCHING;
    pace.beginPages();
    if (isFresh && !isWhole) {
      state.fresh().resume();
    } else {
      state.fresh().clear();
    }
    isCleared = isWhole;
    keyed = isFresh && isWhole ? Optional.of(CellDigest.ZERO) : Optional.empty();
    var wishes = new ArrayList<Wish>();
    int each = Math.max(1, LEAVES_BYTES / (8 + (8 << leafBits)));
    int parts = Math.max(1, (differing.size() + each - 1) / each);
    for (int part = 0; part < parts; part++) {
      var some = differing.subList(part * each, Math.min(differing.size(), (part + 1) * each));
      wishes.add(send(new Transfer.Leaves(part, leafBits, some, part == parts - 1)));
    }
    for (long page = 0; page < pace.window(); page++) {
      wishes.add(get(page));
    }
    return wishes;
  }

  private List<Wish> take(Transfer.Page page) throws MalformedException {
    require(!page.rows().isEmpty() || page.isLast());
    long ahead = page.page() - nextPage;
    if (ahead >= 0 && ahead < DonorSession.WINDOW && !held.containsKey(page.page())) {
      pace.progress();
      bytes += page.bytes();
      held.put(page.page(), page);
    }
    return takeHeld();
  }

  /// Takes the pages whose turn it is.
  private List<Wish> takeHeld() throws MalformedException {
    var wishes = new ArrayList<Wish>();
    while (phase == Phase.FETCHING && held.containsKey(nextPage)) {
      var page = held.remove(nextPage);
      var rest = takeRows(page);
      wishes.addAll(rest.isPresent() ? emptyFirst(rest.get()) : taken(page));
    }
    return wishes;
  }

  /// @return what cannot be taken before leaves are empty
  private Optional<Transfer.Page> takeRows(Transfer.Page page) throws MalformedException {
    boolean mustEmpty = isFresh && !isCleared;
    var rows = page.rows();
    for (int i = 0; i < rows.size(); i++) {
      if (mustEmpty && rows.get(i) instanceof Row.CellRow) {
        return Optional.of(
            new Transfer.Page(nextPage, rows.subList(i, rows.size()), page.isLast()));
      }
      take(rows.get(i));
    }
    return mustEmpty && page.isLast()
        ? Optional.of(new Transfer.Page(nextPage, List.of(), true))
        : Optional.empty();
  }

  private List<Wish> taken(Transfer.Page page) throws MalformedException {
    if (forked.isPresent()) {
      return List.of(new Wish.Forked(donor, forked.get()));
    }
    nextPage++;
    pace.page();
    var wishes = new ArrayList<Wish>();
    unwritten += page.bytes();
    if (!isFresh || page.isLast() || unwritten >= FRESH_BYTES) {
      unwritten = 0;
      wishes.add(new Wish.Persist());
    }
    if (page.isLast()) {
      if (!isConsistent()) {
        throw new MalformedException("what it sent is not what it offered");
      }
      if (isFresh) {
        phase = Phase.COUNTING;
      } else {
        beginToClear();
      }
    } else {
      wishes.add(get(nextPage + pace.window() - 1));
    }
    return wishes;
  }

  /// What an earlier session left in the leaves that come is taken out before the first cell comes:
  /// afterwards nobody could tell the two.
  private List<Wish> emptyFirst(Transfer.Page rest) {
    held.put(rest.page(), rest);
    phase = Phase.EMPTYING;
    walk = Optional.of(new CellWalk(FreshCells.shown(snapshot())));
    return List.of(new Wish.Persist());
  }

  private List<Wish> empty() throws MalformedException {
    var left = walk.orElseThrow();
    left.some(
        STEP,
        cell -> {
          pace.look();
          if (wanted.get(cell.bucket() << leafBits | cell.leaf(leafBits))) {
            state.fresh().remove(cell.stored());
          }
          return true;
        });
    if (!left.isDone()) {
      return List.of(new Wish.Persist());
    }
    isCleared = true;
    phase = Phase.FETCHING;
    return takeHeld();
  }

  private List<Wish> count() {
    if (!state.fresh().finishSome()) {
      return List.of(new Wish.Persist());
    }
    if (!state.fresh().total().equals(offer.orElseThrow().digest())) {
      // A cell that came twice, or one of an earlier session that is not what it was: then nothing
      // of that is relied on any more.
      state.fresh().clear();
      return List.of(failed("what came is not what it offered", isWhole));
    }
    if (state.isReplaceable(theirPast.past(offer.orElseThrow().token()))) {
      return whole();
    }
    return beginToMove();
  }

  /// What is whole is joined cell by cell after all.
  ///
  /// @throws IllegalStateException if it did not come as a whole
  List<Wish> beginToMove() {
    if (!isFresh) {
      throw new IllegalStateException("nothing is to be moved");
    }
    phase = Phase.MOVING;
    walk = Optional.of(new CellWalk(FreshCells.shown(state.staging())));
    return List.of(new Wish.Persist());
  }

  /// Some of what was written here is known to the donor, which may have removed it: that is found
  /// cell by cell.
  private List<Wish> move() {
    var cells = walk.orElseThrow();
    cells.some(
        STEP,
        cell -> {
          state.stage().put(tag(), cell.stored(), cell.encoded());
          return true;
        });
    if (!cells.isDone()) {
      return List.of(new Wish.Persist());
    }
    state.fresh().clear();
    isFresh = false;
    hasStage = true;
    isWhole = true;
    beginToClear();
    return List.of(new Wish.Persist());
  }

  private void beginToClear() {
    phase = Phase.CLEARING;
    walk = Optional.of(new CellWalk(suspects()));
  }

  private void take(Row row) throws MalformedException {
    switch (row) {
      case Row.HeadRow head -> theirPast.take(head);
      case Row.BranchRow branch -> {
        require(withBranches);
        if (isAsKnown(branch)) {
          theirPast.take(branch);
        } else {
          var root = state.branches().root(branch.name());
          forked = Optional.of(new Head(root, branch.first(), branch.hash()));
        }
      }
      case Row.CloseRow close -> theirPast.take(close);
      case Row.HashesRow more -> theirPast.take(more);
      case Row.LeafRow(int bucket, int leaf) -> begin(bucket, leaf);
      case Row.CellRow piece -> {
        var cell = pieces.take(piece);
        if (cell.isPresent()) {
          stage(cell.get());
        }
      }
    }
  }

  /// A branch that is known here begins where it does.
  private boolean isAsKnown(Row.BranchRow branch) {
    return state
        .branches()
        .find(branch.name())
        .map(Branches.Branch::row)
        .filter(known -> !known.equals(branch))
        .isEmpty();
  }

  private void stage(CanonicalCell cell) throws MalformedException {
    require(isWhole || wanted.get(index(cell.slot())));
    for (var replica : cell.replicas()) {
      enrol(replica);
    }
    if (isFresh) {
      state.fresh().put(cell);
      if (keyed.isPresent()) {
        underSecret.look(cell.name(), cell.content());
        keyed = Optional.of(keyed.get().plus(underSecret.keyed()));
      }
    } else {
      state.stage().put(tag(), cell);
    }
    here = here.plus(cell.digest());
    require(++cells <= offer.orElseThrow().cells());
  }

  /// Gives a replica its number when a cell first needs it: what a donor names may not exist.
  private void enrol(ReplicaId replica) throws MalformedException {
    if (!state.origins().isEnrolled(replica)) {
      if (!theirPast.has(replica)) {
        throw new MalformedException("a dot of a replica that was never heard of");
      }
      state.origins().enrol(replica);
    }
  }

  private static void require(boolean holds) throws MalformedException {
    if (!holds) {
      throw new MalformedException("a row that was not asked for, or came too early, or twice");
    }
  }

  private int index(int slot) {
    return Slots.bucket(slot) << leafBits | Slots.leaf(slot, leafBits);
  }

  /// All cells of a leaf follow: what is here of it does not count any more.
  private void begin(int bucket, int leaf) throws MalformedException {
    // What is left of a leaf is taken out before cells come.
    require(!isCleared && leaf < 1 << leafBits && leaves.isPresent() && leaves.get().has(bucket));
    int index = bucket << leafBits | leaf;
    if (!wanted.get(index)) {
      wanted.set(index);
      here = here.minus(leaves.get().sum(bucket, leaf));
    }
  }

  /// The cells that the donor may not have. Writes made here since the snapshot may be covered only
  /// if all is fetched; else what counts is what was compared, though some of it may be gone by
  /// now.
  private StatePort suspects() {
    StatePort cellsHere = isWhole ? state.staging() : snapshot();
    if (!hasStage) {
      return cellsHere;
    }
    return isWhole ? StagedCells.replaced(cellsHere) : staged();
  }

  /// Stages as absent what is here or was staged earlier, in the leaves that were fetched, and was
  /// not sent.
  private List<Wish> clear() {
    var cellsHere = walk.orElseThrow();
    cellsHere.some(
        STEP,
        cell -> {
          boolean isFetched =
              isWhole || wanted.get(cell.bucket() << leafBits | cell.leaf(leafBits));
          if (isFetched && !state.stage().has(tag(), cell.stored())) {
            state.stage().putAbsent(tag(), cell.stored());
          }
          return true;
        });
    return cellsHere.isDone() ? whole() : List.of(new Wish.Persist());
  }

  private List<Wish> whole() {
    phase = Phase.WHOLE;
    theirPast.replicas().forEach(state.origins()::enrol);
    var token = offer.orElseThrow().token();
    var staged =
        new Joiner.Staged(
            donor,
            token,
            here,
            theirPast.heads(),
            theirPast.branches(),
            theirPast.closes(),
            theirPast.hashes(),
            isFresh,
            keyed);
    return List.of(new Wish.Persist(), new Wish.Whole(staged));
  }

  private int tag() {
    return (int) number;
  }

  /// Whether the rows make up what was offered.
  private boolean isConsistent() {
    var theirs = offer.orElseThrow();
    return !pieces.isBetween() && theirPast.isAsOffered(theirs) && here.equals(theirs.digest());
  }

  @Override
  public void close() {
    opened.ifPresent(StateSnapshot::close);
    opened = Optional.empty();
  }
}
