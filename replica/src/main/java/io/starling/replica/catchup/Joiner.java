package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.Batch;
import io.starling.replica.causal.Closes;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.Table;
import io.starling.replica.state.DigestTree;
import io.starling.replica.state.Origin;
import io.starling.replica.state.SpaceState;
import io.starling.replica.state.StagedCells;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/// Takes over from a donor what differs: finds it by sums, stages it, and says when the stage is
/// whole. One donor at a time.
///
/// While it is at work, batches that the donor's snapshot covers are held back: were one applied
/// after its cells were found to be the same, what a later one removed of it, known to the snapshot
/// only, would stay. Batches that it does not cover, and local writes, go on.
///
/// A session that ends before its stage is whole leaves what has arrived; the next one compares the
/// state with that laid over it, and fetches the rest.
public final class Joiner {

  /// Ticks without any progress after which a donor is given up.
  private static final long PATIENCE_TICKS = 50;

  /// Ticks after which a page is asked for again.
  private static final long AGAIN_TICKS = 10;

  // Cells that are looked at in one go.
  private static final int STEP = 2_000;

  private static final int LEAVES_BYTES = 256 * 1024;

  /// Replicas that a donor may tell of, and closes.
  private static final int HEADS_MAX = 100_000;

  private final SpaceState state;
  private final SnapshotPort snapshots;
  private final SplittableRandom random;
  private Optional<Session> session = Optional.empty();
  private long tick;

  public Joiner(SpaceState state, SnapshotPort snapshots, SplittableRandom random) {
    this.state = state;
    this.snapshots = snapshots;
    this.random = random;
  }

  /// What a joiner wants done.
  public sealed interface Wish {

    /// Send this to the donor.
    record Send(KeyFingerprint to, long session, Transfer transfer) implements Wish {}

    /// What was staged is to be made durable.
    record Persist() implements Wish {}

    /// The stage is whole, and what it says of the donor agrees with itself.
    record Whole(Staged staged) implements Wish {}

    /// The session is over, and nothing goes live.
    ///
    /// @param isFault whether the donor did what no correct one does
    record Failed(KeyFingerprint donor, String why, boolean isFault) implements Wish {}
  }

  /// A stage that is whole.
  ///
  /// @param token the vector of the donor's snapshot
  /// @param digest of the donor's cells, as worked out from what is staged and what is here
  public record Staged(
      KeyFingerprint donor,
      Token token,
      CellDigest digest,
      List<Row.HeadRow> heads,
      List<Row.CloseRow> closes) {}

  /// The number of the session that is on.
  long number() {
    return session.orElseThrow().number;
  }

  /// The cells as the donor has them: what was here when the session began, with what is staged
  /// laid over it.
  StatePort staged() {
    var current = session.orElseThrow();
    return StagedCells.replaced(new Before(current.snapshot(), state.staging()));
  }

  /// The cells of an earlier moment, all else as it is now.
  private record Before(StatePort cells, StatePort now) implements StatePort {
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      return (table == Table.CELLS ? cells : now).get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      (table == Table.CELLS ? cells : now).scan(table, from, to, visitor);
    }
  }

  /// Whether a session is on.
  public boolean isBusy() {
    return session.isPresent();
  }

  /// How far it has come.
  Optional<SpaceStatus.CatchingUp> status() {
    return session.map(Session::status);
  }

  /// Whether a batch of another must wait until the session is over.
  public boolean holds(Batch batch) {
    return session.isPresent() && session.get().holds(batch);
  }

  /// Begins with a donor.
  ///
  /// @throws IllegalStateException if a session is on, or a join pending
  public List<Wish> begin(KeyFingerprint donor) {
    if (session.isPresent() || state.isJoining()) {
      throw new IllegalStateException("one catch-up at a time");
    }
    session = Optional.of(new Session(donor, random.nextLong()));
    return List.of();
  }

  /// A donor has sent something.
  public List<Wish> on(KeyFingerprint from, long number, Transfer transfer) {
    if (session.isEmpty() || !session.get().isOf(from, number)) {
      return List.of();
    }
    try {
      return session.get().on(transfer);
    } catch (MalformedException refused) {
      return fail(String.valueOf(refused.getMessage()), true);
    }
  }

  /// Whether what the donor has was applied here meanwhile.
  boolean isNeedless() {
    return session
        .flatMap(it -> it.offer)
        .filter(offer ->
            offer.token().heads().stream()
                .allMatch(head -> state.origins().seq(head.replica()) >= head.seq()))
        .isPresent();
  }

  public boolean hasWork() {
    return session.isPresent() && session.get().hasWork();
  }

  /// Does a small piece of the work.
  public List<Wish> work() {
    return session.map(Session::work).orElse(List.of());
  }

  /// Time has passed.
  public List<Wish> tick() {
    tick++;
    return session.map(Session::tick).orElse(List.of());
  }

  /// Messages to a peer would be lost for now.
  public List<Wish> down(KeyFingerprint peer) {
    boolean isDonor = session.isPresent() && session.get().donor.equals(peer);
    return isDonor ? fail("the link to it was lost", false) : List.of();
  }

  /// Ends the session; the stage stays as it is.
  public void end() {
    session.ifPresent(Session::close);
    session = Optional.empty();
  }

  private List<Wish> fail(String why, boolean isFault) {
    var donor = session.orElseThrow().donor;
    end();
    // What came before the fault is staged: the next session must find it where it looks.
    return List.of(new Wish.Persist(), new Wish.Failed(donor, why, isFault));
  }

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
    /// Finds what the donor has not.
    CLEARING,
    /// Is whole, and waits to go live.
    WHOLE
  }

  private final class Session {
    private final KeyFingerprint donor;
    private final long number;
    private final List<Row.HeadRow> heads = new ArrayList<>();
    private final List<Row.CloseRow> closes = new ArrayList<>();
    private final TreeSet<ReplicaId> known = new TreeSet<>();
    private final BitSet wanted = new BitSet();
    private final TreeMap<Integer, CellDigest> buckets = new TreeMap<>();
    private final Slots slots = new Slots();
    private Phase phase = Phase.OPENING;
    private Optional<StateSnapshot> opened = Optional.empty();
    private Optional<CellWalk> walk = Optional.empty();
    private CellDigest here = CellDigest.ZERO;
    private Optional<Transfer.Offer> offer = Optional.empty();
    private Optional<LeafSums> leaves = Optional.empty();
    private boolean isWhole;
    private long nextPage;
    private long lastTick = tick;
    private long cells;
    private long bytes;

    private Session(KeyFingerprint donor, long number) {
      this.donor = donor;
      this.number = number;
    }

    private StateSnapshot snapshot() {
      return opened.orElseThrow();
    }

    private List<Wish> open() {
      if (!state.staging().isEmpty()) {
        return List.of(new Wish.Persist());
      }
      opened = Optional.of(snapshots.open());
      walk = Optional.of(new CellWalk(StagedCells.replaced(snapshot())));
      phase = Phase.SUMMING;
      return List.of();
    }

    private boolean isOf(KeyFingerprint from, long given) {
      return donor.equals(from) && number == given;
    }

    private SpaceStatus.CatchingUp status() {
      var at =
          switch (phase) {
            case OPENING, SUMMING, ASKED, COMPARING -> SpaceStatus.Phase.COMPARING;
            case FETCHING, CLEARING -> SpaceStatus.Phase.FETCHING;
            case WHOLE -> SpaceStatus.Phase.PROVING;
          };
      long all = offer.map(Transfer.Offer::cells).orElse(0L);
      return new SpaceStatus.CatchingUp(at, Optional.of(donor), all, cells, bytes);
    }

    private boolean holds(Batch batch) {
      if (offer.isEmpty()) {
        return true;
      }
      var theirs = offer.get().token().vector();
      // One that is not listed is new to the donor, or closed there.
      return !theirs.contains(batch.replica()) || batch.seq() <= theirs.seq(batch.replica());
    }

    private boolean hasWork() {
      return switch (phase) {
        case OPENING, SUMMING, COMPARING, CLEARING -> true;
        case ASKED, FETCHING, WHOLE -> false;
      };
    }

    private List<Wish> work() {
      lastTick = tick;
      return switch (phase) {
        case OPENING -> open();
        case SUMMING -> sum();
        case COMPARING -> compare();
        case CLEARING -> clear();
        case ASKED, FETCHING, WHOLE -> List.of();
      };
    }

    private List<Wish> tick() {
      long idle = tick - lastTick;
      if (phase == Phase.WHOLE) {
        return List.of();
      }
      if (idle > PATIENCE_TICKS) {
        return fail("it does not answer", false);
      }
      boolean isDue = idle > 0 && idle % AGAIN_TICKS == 0;
      return phase == Phase.FETCHING && isDue ? List.of(get(nextPage)) : List.of();
    }

    private Wish send(Transfer transfer) {
      return new Wish.Send(donor, number, transfer);
    }

    private Wish get(long page) {
      return send(new Transfer.Get(page));
    }

    /// Sums up what is here, with what earlier sessions have staged laid over it.
    private List<Wish> sum() {
      boolean isStaged = !state.stage().isEmpty();
      if (!isStaged) {
        var kept = new DigestTree(snapshot());
        for (int bucket = 0; bucket < Slots.BUCKETS; bucket++) {
          note(bucket, kept.sum(bucket));
        }
        return ask();
      }
      var cellsHere = walk.orElseThrow();
      cellsHere.some(
          STEP,
          cell -> {
            note(cell.bucket(), cell.digest());
            return true;
          });
      return cellsHere.isDone() ? ask() : List.of();
    }

    private void note(int bucket, CellDigest more) {
      if (!more.equals(CellDigest.ZERO)) {
        buckets.merge(bucket, more, CellDigest::plus);
        here = here.plus(more);
      }
    }

    private List<Wish> ask() {
      phase = Phase.ASKED;
      isWhole = buckets.isEmpty();
      var groups = new ArrayList<Long>();
      for (int group = 0; !isWhole && group < TransferEncoding.GROUPS; group++) {
        int first = group * TransferEncoding.GROUP_BUCKETS;
        long sum = 0;
        for (var bucket : buckets.subMap(first, first + TransferEncoding.GROUP_BUCKETS).values()) {
          sum += bucket.low();
        }
        groups.add(sum);
      }
      return List.of(send(new Transfer.Ask(groups)));
    }

    private List<Wish> on(Transfer transfer) throws MalformedException {
      return switch (transfer) {
        case Transfer.Offer it when phase == Phase.ASKED -> offered(it);
        case Transfer.Page page when phase == Phase.FETCHING && page.page() == nextPage ->
            take(page);
        case Transfer.Refused(var reason, var message) when phase != Phase.WHOLE ->
            fail(message, reason == Transfer.Reason.DAMAGED);
        case Transfer.Offer _, Transfer.Page _, Transfer.Refused _ -> List.of();
        case Transfer.Ask _, Transfer.Leaves _, Transfer.Get _ -> List.of();
        case Transfer.Compare _, Transfer.Compared _, Transfer.Fetch _ -> List.of();
      };
    }

    private List<Wish> offered(Transfer.Offer offered) throws MalformedException {
      lastTick = tick;
      if (coversNewWrites(offered.token())) {
        return fail("it has seen writes that were made here since the transfer began", false);
      }
      if (isWhole) {
        offer = Optional.of(offered);
        return fetch(List.of());
      }
      var differing = new ArrayList<Integer>();
      for (var group : offered.groups()) {
        for (int i = 0; i < group.buckets().size(); i++) {
          int bucket = group.group() * TransferEncoding.GROUP_BUCKETS + i;
          if (buckets.getOrDefault(bucket, CellDigest.ZERO).low() != group.buckets().get(i)) {
            differing.add(bucket);
          }
        }
      }
      if ((long) differing.size() << offered.leafBits() > Slots.LEAVES_MAX) {
        throw new MalformedException("an offer of more leaves than may be compared");
      }
      offer = Optional.of(offered);
      leaves = Optional.of(new LeafSums(offered.leafBits(), differing));
      walk = Optional.of(new CellWalk(StagedCells.replaced(snapshot())));
      phase = Phase.COMPARING;
      return List.of();
    }

    /// Whether a batch that was written here since the snapshot is in the donor's, which may have
    /// seen what removed of it: then what is the same in both snapshots is not so here.
    private boolean coversNewWrites(Token theirs) {
      var then = new StoredSpace(snapshot());
      return theirs.heads().stream()
          .anyMatch(head -> {
            long before = then.head(head.replica()).map(Origin::seq).orElse(0L);
            return Math.min(head.seq(), state.origins().seq(head.replica())) > before;
          });
    }

    private List<Wish> compare() {
      var sums = leaves.orElseThrow();
      var cellsHere = walk.orElseThrow();
      cellsHere.some(
          STEP,
          cell -> {
            sums.add(cell);
            return true;
          });
      return cellsHere.isDone() ? fetch(sums.told()) : List.of();
    }

    private List<Wish> fetch(List<Transfer.BucketSums> told) {
      phase = Phase.FETCHING;
      var wishes = new ArrayList<Wish>();
      int each = Math.max(1, LEAVES_BYTES / (8 + (8 << offer.orElseThrow().leafBits())));
      for (int from = 0; from < told.size(); from += each) {
        var part = told.subList(from, Math.min(told.size(), from + each));
        wishes.add(send(new Transfer.Leaves(part, from + each >= told.size())));
      }
      if (told.isEmpty()) {
        wishes.add(send(new Transfer.Leaves(List.of(), true)));
      }
      for (long page = 0; page < DonorSession.WINDOW; page++) {
        wishes.add(get(page));
      }
      return wishes;
    }

    private List<Wish> take(Transfer.Page page) throws MalformedException {
      lastTick = tick;
      for (var row : page.rows()) {
        take(row);
      }
      bytes += DonorSession.bytes(page);
      nextPage++;
      var wishes = new ArrayList<Wish>();
      wishes.add(new Wish.Persist());
      if (page.isLast()) {
        if (!isConsistent()) {
          throw new MalformedException("what it sent is not what it offered");
        }
        phase = Phase.CLEARING;
        walk = Optional.of(new CellWalk(StagedCells.replaced(state.staging())));
      } else {
        wishes.add(get(nextPage + DonorSession.WINDOW - 1));
      }
      return wishes;
    }

    private void take(Row row) throws MalformedException {
      switch (row) {
        case Row.HeadRow head -> {
          if (!known.add(head.replica()) || known.size() > HEADS_MAX) {
            throw new MalformedException("two heads of one replica, or endless ones");
          }
          heads.add(head);
          state.origins().enrol(head.replica());
        }
        case Row.CloseRow close -> {
          require(known.contains(close.replica()) && known.contains(close.closer()));
          require(closes.size() < HEADS_MAX);
          closes.add(close);
        }
        case Row.LeafRow(int bucket, int leaf) -> begin(bucket, leaf);
        case Row.CellRow(var name, var content) -> {
          int slot = slots.slot(name);
          require(isWhole || wanted.get(index(slot)));
          state.stage().put(tag(), name, content);
          here = here.plus(CellDigest.of(name, content));
          require(++cells <= offer.orElseThrow().cells());
        }
      }
    }

    private static void require(boolean holds) throws MalformedException {
      if (!holds) {
        throw new MalformedException("a row that was not asked for, or came too early");
      }
    }

    private int index(int slot) {
      int bits = offer.orElseThrow().leafBits();
      return Slots.bucket(slot) << bits | Slots.leaf(slot, bits);
    }

    /// All cells of a leaf follow: what is here of it does not count any more.
    private void begin(int bucket, int leaf) throws MalformedException {
      int bits = offer.orElseThrow().leafBits();
      require(leaf < 1 << bits && leaves.isPresent() && leaves.get().has(bucket));
      int index = bucket << bits | leaf;
      if (!wanted.get(index)) {
        wanted.set(index);
        here = here.minus(leaves.get().sum(bucket, leaf));
      }
    }

    /// Stages as absent what is here or was staged earlier, in the leaves that were fetched, and
    /// was not sent.
    private List<Wish> clear() {
      // Cells that have come in the meantime by local writes lose nothing by it: the donor's vector
      // does not cover their dots.
      var cellsHere = walk.orElseThrow();
      cellsHere.some(
          STEP,
          cell -> {
            boolean isFetched = isWhole || wanted.get(cell.bucket() << bits() | cell.leaf(bits()));
            if (isFetched && !state.stage().has(tag(), cell.stored())) {
              state.stage().putAbsent(tag(), cell.stored());
            }
            return true;
          });
      if (!cellsHere.isDone()) {
        return List.of(new Wish.Persist());
      }
      phase = Phase.WHOLE;
      var token = offer.orElseThrow().token();
      return List.of(
          new Wish.Persist(), new Wish.Whole(new Staged(donor, token, here, heads, closes)));
    }

    private int tag() {
      return (int) number;
    }

    private int bits() {
      return offer.orElseThrow().leafBits();
    }

    /// Whether the rows make up what was offered: the digest, and a head for each entry of the
    /// vector.
    private boolean isConsistent() {
      var theirs = offer.orElseThrow();
      var told = new Closes();
      closes.forEach(close ->
          told.add(
              close.replica(), new Closes.Close(close.seq(), close.closer(), close.closerSeq())));
      var past = new Past(theirs.token().vector(), told);
      boolean isCovered = heads.stream().allMatch(head -> past.seq(head.replica()) == head.seq());
      boolean hasHeads =
          theirs.token().heads().stream()
              .allMatch(named ->
                  heads.stream()
                      .anyMatch(head ->
                          head.replica().equals(named.replica())
                              && head.seq() == named.seq()
                              && named.matches(head.hash())));
      boolean hasContexts =
          heads.stream()
              .flatMap(head -> head.context().entries().stream())
              .allMatch(entry -> known.contains(entry.replica()));
      return hasHeads && isCovered && hasContexts && here.equals(theirs.digest());
    }

    private void close() {
      opened.ifPresent(StateSnapshot::close);
    }
  }
}
