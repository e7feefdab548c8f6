package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Head;
import io.starling.replica.causal.Closes;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.StatePort;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.SpaceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;

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

  private final SpaceState state;
  private final SnapshotPort snapshots;
  private final SplittableRandom random;
  private final LongFunction<Secret> secrets;
  private final BooleanSupplier readBranches;
  private Optional<JoinSession> session = Optional.empty();

  /// @param secrets one for each session
  /// @param readBranches whether all members read what tells where branches begin
  public Joiner(
      SpaceState state,
      SnapshotPort snapshots,
      SplittableRandom random,
      LongFunction<Secret> secrets,
      BooleanSupplier readBranches) {
    this.readBranches = readBranches;
    this.state = state;
    this.snapshots = snapshots;
    this.random = random;
    this.secrets = secrets;
  }

  /// What a joiner wants done.
  public sealed interface Wish {

    /// Send this to the donor.
    record Send(KeyFingerprint to, long session, Transfer transfer) implements Wish {}

    /// What was staged is to be made durable.
    record Persist() implements Wish {}

    /// The donor has said what its snapshot is: others can be asked of it.
    ///
    /// @param withBranches whether it tells where branches begin
    record Offered(KeyFingerprint donor, long session, Transfer.Offer offer, boolean withBranches)
        implements Wish {}

    /// The stage is whole, and what it says of the donor agrees with itself.
    record Whole(Staged staged) implements Wish {}

    /// The session is over, for the donor knows of other forks than are known here.
    ///
    /// @param there a batch that it has elsewhere
    record Forked(KeyFingerprint donor, Head there) implements Wish {}

    /// The session is over, and nothing goes live.
    ///
    /// @param isFault whether the donor did what no correct one does
    record Failed(KeyFingerprint donor, String why, boolean isFault) implements Wish {}
  }

  /// A stage that is whole.
  ///
  /// @param token the vector of the donor's snapshot
  /// @param digest of the donor's cells, as worked out from what is staged and what is here
  /// @param branches where those in it begin, if that was asked for
  /// @param hashes chain hashes below the heads of the token, without a gap up to them
  /// @param isFresh whether it is to take the place of the cells that are here
  /// @param keyed the sum of its cells under the session's secret, if it was made as they came
  public record Staged(
      KeyFingerprint donor,
      Token token,
      CellDigest digest,
      List<Row.HeadRow> heads,
      List<Row.BranchRow> branches,
      List<Row.CloseRow> closes,
      SortedMap<ReplicaId, NavigableMap<Long, ChainHash>> hashes,
      boolean isFresh,
      Optional<CellDigest> keyed) {}

  /// A donor's vector, with what its closes imply.
  static Past past(Token token, List<Row.CloseRow> rows) {
    var closes = new Closes();
    rows.forEach(row ->
        closes.add(row.replica(), new Closes.Close(row.seq(), row.closer(), row.closerSeq())));
    return new Past(token.vector(), closes);
  }

  /// The cells as the donor has them: what was here when the session began, with what is staged
  /// laid over it.
  StatePort staged() {
    return session.orElseThrow().staged();
  }

  /// Whether a session is on.
  public boolean isBusy() {
    return session.isPresent();
  }

  /// How far it has come.
  Optional<SpaceStatus.CatchingUp> status() {
    return session.map(JoinSession::status);
  }

  /// Whether a batch of another must wait until the session is over.
  public boolean holds(Batch batch) {
    return session.isPresent() && session.get().holds(batch);
  }

  /// Whether a batch is part of the state that is being taken over.
  boolean covers(Batch batch) {
    return session.isPresent() && session.get().covers(batch);
  }

  /// Begins with a donor.
  ///
  /// @throws IllegalStateException if a session is on, or a join pending
  public List<Wish> begin(KeyFingerprint donor) {
    if (session.isPresent() || state.isJoining()) {
      throw new IllegalStateException("a transfer is on, or not joined yet");
    }
    long number = random.nextLong(1L << 32);
    session =
        Optional.of(
            new JoinSession(state, snapshots, donor, number, secrets.apply(number), readBranches));
    return work();
  }

  /// A part of a transfer has come.
  public List<Wish> on(KeyFingerprint from, long number, Transfer transfer) {
    if (session.isEmpty() || !session.get().isOf(from, number)) {
      return List.of();
    }
    try {
      return ended(session.get().on(transfer));
    } catch (MalformedException refused) {
      return ended(List.of(session.get().failed(String.valueOf(refused.getMessage()), true)));
    }
  }

  /// Whether what the donor has was applied here meanwhile.
  boolean isNeedless() {
    return session
        .flatMap(JoinSession::offer)
        .filter(offer ->
            offer.token().heads().stream()
                .allMatch(head -> state.origins().seq(head.replica()) >= head.seq()))
        .isPresent();
  }

  /// Whether it writes much at once, when it is time.
  boolean isFilling() {
    return session.filter(JoinSession::isFilling).isPresent();
  }

  public boolean hasWork() {
    return session.isPresent() && session.get().hasWork();
  }

  /// Does a small piece of the work.
  public List<Wish> work() {
    if (session.isEmpty()) {
      return List.of();
    }
    try {
      return ended(session.get().work());
    } catch (MalformedException refused) {
      return ended(List.of(session.get().failed(String.valueOf(refused.getMessage()), true)));
    }
  }

  /// A stage that was whole is to be joined cell by cell: so much was written here meanwhile.
  List<Wish> move() {
    return session.orElseThrow().beginToMove();
  }

  /// Time has passed.
  public List<Wish> tick() {
    return session.map(it -> ended(it.tick())).orElse(List.of());
  }

  /// Messages to a peer would be lost for now.
  public List<Wish> down(KeyFingerprint peer) {
    boolean isDonor = session.isPresent() && session.get().donor().equals(peer);
    return isDonor
        ? ended(List.of(session.get().failed("the link to it was lost", false)))
        : List.of();
  }

  /// Ends the session; the stage stays as it is.
  public void end() {
    session.ifPresent(JoinSession::close);
    session = Optional.empty();
  }

  private List<Wish> ended(List<Wish> wishes) {
    boolean isOver =
        wishes.stream()
            .anyMatch(wish -> wish instanceof Wish.Failed || wish instanceof Wish.Forked);
    if (!isOver) {
      return wishes;
    }
    end();
    // What came before is staged: the next session must find it where it looks.
    var all = new ArrayList<Wish>(List.of(new Wish.Persist()));
    all.addAll(wishes);
    return all;
  }
}
