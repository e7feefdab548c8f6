package io.starling.replica.state;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.Encoder;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.Closes;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import io.starling.replica.state.Branches.Branch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What is applied: the head of every replica, which of them are closed, and so the version vector.
///
/// Kept in memory, and staged with every change.
public final class Origins implements Branches.Applied {

  private final SpaceId space;
  private final Staging staging;
  private final ReplicaNumbers numbers;
  private final LogExtent log;
  private final Branches branches;
  private final AppliedFormat format;
  private final Closes closes = new Closes();
  private final TreeMap<ReplicaId, Origin> active = new TreeMap<>();
  private final TreeMap<ReplicaId, Origin> closed = new TreeMap<>();
  // Up to which of its batches a replica has closed others: the highest closes of those closed.
  private final TreeMap<ReplicaId, Long> closers = new TreeMap<>();
  private CellDigest closedSum = CellDigest.ZERO;
  private VersionVector vector = VersionVector.EMPTY;
  private Token token;
  private int nextNumber;

  /// Loads what a store holds.
  public Origins(
      SpaceId space, Staging staging, ReplicaNumbers numbers, LogExtent log, Branches branches) {
    this.space = space;
    this.branches = branches;
    this.staging = staging;
    this.numbers = numbers;
    this.log = log;
    this.format = new AppliedFormat(staging);
    this.token = new Token(space, List.of());
    nextNumber = numbers.last() + 1;
    load();
  }

  /// The newest format of what was applied.
  public AppliedFormat format() {
    return format;
  }

  private void load() {
    for (var origin : StoredOrigins.heads(staging, numbers)) {
      active.put(origin.replica(), origin);
    }
    StoredOrigins.closes(staging, numbers, closes);
    closes.replicas().forEach(this::sort);
    // Earlier versions kept them in another form.
    if (!branches.isEmpty()) {
      shortenContexts();
    }
    refresh();
  }

  /// What is applied of a replica, if anything is.
  public Optional<Origin> find(ReplicaId replica) {
    var origin = active.get(replica);
    return Optional.ofNullable(origin != null ? origin : closed.get(replica));
  }

  @Override
  public long seq(ReplicaId replica) {
    return find(replica).map(Origin::seq).orElse(0L);
  }

  /// Whether a replica is closed at the present vector.
  public boolean isClosed(ReplicaId replica) {
    return closed.containsKey(replica);
  }

  /// The replicas that are not closed, ordered.
  public List<Origin> active() {
    return new ArrayList<>(active.values());
  }

  /// All replicas, the closed ones too, ordered.
  public List<Origin> all() {
    var all = new TreeMap<>(active);
    all.putAll(closed);
    return new ArrayList<>(all.values());
  }

  /// The replicas of which batches may be missing in a past, ordered; those that are closed only if
  /// one may be. Costs a look at each active replica where the past has seen all closes, as that of
  /// a member that keeps up has: nothing then grows with what was ever closed.
  public List<Origin> mayLackIn(Past past) {
    // A closer that is closed itself is covered with its own close; the last of a chain is active.
    boolean hasAllClosed =
        active.keySet().stream().allMatch(it -> past.seq(it) >= closers.getOrDefault(it, 0L));
    return hasAllClosed ? active() : all();
  }

  /// Active replicas of a node key other than one of them.
  public List<Head> activeOf(KeyFingerprint key, ReplicaId except) {
    return active.values().stream()
        .filter(origin -> origin.replica().key().equals(key))
        .filter(origin -> !origin.replica().equals(except))
        .map(Origin::head)
        .toList();
  }

  /// The version vector, closed replicas left out.
  public VersionVector vector() {
    return vector;
  }

  /// The version vector with head hashes.
  public Token token() {
    return token;
  }

  /// The version vector with head hashes, and the closed replicas in it, as many as there is room
  /// for: those with the latest stamps, whose closes fewest have heard of.
  ///
  /// @param headsMax replicas that the token may name
  public Token tokenWithClosed(int headsMax) {
    var heads = new TreeMap<ReplicaId, Token.Prefix>();
    token.heads().forEach(head -> heads.put(head.replica(), head));
    closed.values().stream()
        .sorted(Comparator.comparing(Origin::time).reversed())
        .limit(Math.max(0, headsMax - heads.size()))
        .forEach(origin -> heads.put(origin.replica(), prefix(origin)));
    return new Token(space, new ArrayList<>(heads.values()));
  }

  public int closedReplicas() {
    return closed.size();
  }

  /// A sum over the heads of closed replicas: equal sums, equal tables.
  public CellDigest closedSum() {
    return closedSum.plus(branches.sum(this));
  }

  public Closes closes() {
    return closes;
  }

  /// A sum over all heads and closes, with all that is kept of them: hashes, stamps, contexts, the
  /// vectors of `_system`. Costs a look at each.
  public CellDigest sum(Secret secret) {
    var sha256 = CellDigest.sha256();
    var sum = CellDigest.ZERO;
    for (var origin : all()) {
      byte[] name = new Encoder().u8('h').replica(origin.replica()).toBytes();
      sum = sum.plus(secret.digest(sha256, name, told(origin)));
    }
    for (var close : closes(staging)) {
      var name = new Encoder().u8('c').replica(close.replica()).varint(close.seq());
      name.replica(close.closer()).varint(close.closerSeq());
      sum = sum.plus(secret.digest(sha256, name.toBytes(), close.hash().bytes()));
    }
    return sum;
  }

  /// A sum over where branches begin of which something is applied.
  public CellDigest branchSum(Secret secret) {
    var sha256 = CellDigest.sha256();
    var sum = CellDigest.ZERO;
    for (var branch : branches.rows(this)) {
      byte[] name = new Encoder().u8('b').replica(branch.name()).toBytes();
      var told = new Encoder().replica(branch.parent()).varint(branch.first());
      sum = sum.plus(secret.digest(sha256, name, told.raw(branch.hash().bytes()).toBytes()));
    }
    return sum;
  }

  private byte[] told(Origin origin) {
    var told = new Encoder().varint(origin.seq()).raw(origin.hash().bytes());
    told.u64(origin.time().bits());
    for (var row : List.of(origin.context(), systemRow(origin.replica()))) {
      told.varint(row.size());
      row.entries().forEach(entry -> told.replica(entry.replica()).varint(entry.seq()));
    }
    return told.toBytes();
  }

  /// From the heads, where branches begin, or the log; empty if it is not applied, or no longer in
  /// the log.
  @Override
  public Optional<ChainHash> hash(ReplicaId replica, long seq) {
    var origin = find(replica);
    if (origin.isEmpty() || seq > origin.get().seq()) {
      return Optional.empty();
    }
    if (seq == origin.get().seq()) {
      return Optional.of(origin.get().hash());
    }
    return branches
        .beginning(replica, seq)
        .or(() -> new SpaceLog(staging).hash(origin.get().number(), seq));
  }

  /// Whether a replica has a number.
  public boolean isEnrolled(ReplicaId replica) {
    return numbers.find(replica).isPresent();
  }

  /// Gives a replica its number before its first batch is applied.
  public void enrol(ReplicaId replica) {
    if (numbers.find(replica).isEmpty()) {
      numbers.assign(replica, nextNumber++, staging);
    }
  }

  /// Moves the head of a batch's author to the batch, logs it, and takes in its closes.
  ///
  /// @param context the author's full context at this batch
  public void advance(SignedBatch signed, VersionVector context) {
    var batch = signed.batch();
    var replica = batch.replica();
    int number = numbers.find(replica).orElseThrow();
    var origin = new Origin(number, replica, batch.seq(), signed.hash(), batch.time(), context);
    forgetClosed(replica);
    active.put(replica, origin);
    format.applied(batch);
    staging.put(Table.META, Layout.head(number), origin.encode(numbers));
    var entry = new Encoder(signed.bytes() + ChainHash.BYTES);
    entry.raw(signed.hash().bytes()).raw(signed.signature()).raw(signed.body());
    log.append(number, batch.seq(), entry.toBytes());
    if (!batch.context().system().isEmpty()) {
      var row = systemRow(replica).join(batch.context().system());
      staging.put(Table.META, Layout.systemRow(number), SystemRow.encode(row));
    }
    for (var close : batch.closes()) {
      close(close, signed);
    }
    sort(replica);
  }

  /// Takes over what is applied at another member, where that is more than here. The batches
  /// themselves are not in the log.
  ///
  /// @param begun where branches begin that are applied there, if that was told
  public void adopt(
      List<Transfer.Row.HeadRow> heads,
      List<Transfer.Row.BranchRow> begun,
      List<Transfer.Row.CloseRow> more) {
    // Who is closed with a branch follows from where it begins.
    begun.forEach(row ->
        branches.add(new Branch(row.name(), row.parent(), row.first(), row.hash()), staging));
    // Contexts name replicas further on.
    heads.forEach(head -> enrol(head.replica()));
    for (var head : heads) {
      if (head.seq() > seq(head.replica())) {
        adopt(head);
      }
    }
    for (var close : more) {
      add(new Head(close.replica(), close.seq(), close.hash()), close.closer(), close.closerSeq());
    }
    heads.forEach(head -> sort(head.replica()));
    if (!begun.isEmpty()) {
      shortenContexts();
    }
    refresh();
  }

  private void adopt(Transfer.Row.HeadRow head) {
    int number = numbers.find(head.replica()).orElseThrow();
    var origin =
        new Origin(number, head.replica(), head.seq(), head.hash(), head.time(), head.context());
    forgetClosed(head.replica());
    active.put(head.replica(), origin);
    staging.put(Table.META, Layout.head(number), origin.encode(numbers));
    if (!head.system().isEmpty()) {
      staging.put(Table.META, Layout.systemRow(number), SystemRow.encode(head.system()));
    }
  }

  /// The vector of `_system` that the last batch applied of a replica carried.
  public VersionVector systemRow(ReplicaId replica) {
    var number = numbers.find(replica);
    return number.isEmpty()
        ? VersionVector.EMPTY
        : staging
            .get(Table.META, Layout.systemRow(number.getAsInt()))
            .map(SystemRow::decode)
            .orElse(VersionVector.EMPTY);
  }

  /// Stages the vector as a token. Called once for all batches that an event applied.
  public void flush() {
    refresh();
    staging.put(Table.META, Layout.TOKEN_KEY, token.toBytes());
  }

  /// The latest stamp of all heads.
  public HybridTime latestTime() {
    return all().stream().map(Origin::time).max(HybridTime::compareTo).orElse(HybridTime.ZERO);
  }

  private void close(Head head, SignedBatch by) {
    add(head, by.batch().replica(), by.batch().seq());
    sort(head.replica());
    branches.ancestors(head.replica()).forEach(it -> sort(it.replica()));
  }

  /// A branch that is closed is closed with all it goes on from.
  private void add(Head head, ReplicaId closer, long closerSeq) {
    put(head, closer, closerSeq);
    for (var ancestor : branches.ancestors(head.replica())) {
      hash(ancestor.replica(), ancestor.seq())
          .ifPresent(
              hash -> put(new Head(ancestor.replica(), ancestor.seq(), hash), closer, closerSeq));
    }
  }

  private void put(Head head, ReplicaId closer, long closerSeq) {
    closes.add(head.replica(), new Closes.Close(head.seq(), closer, closerSeq));
    int number = numbers.find(head.replica()).orElseThrow();
    int closerNumber = numbers.find(closer).orElseThrow();
    staging.put(
        Table.META, Layout.close(number, head.seq(), closerNumber, closerSeq), head.hash().bytes());
  }

  /// Begins a branch whose first batch is about to be applied: it has told of `_system` what it
  /// goes on from had.
  public void begin(Branches.Branch branch) {
    branches.add(branch, staging);
    enrol(branch.name());
    putSystemRow(numbers.find(branch.name()).orElseThrow(), systemRow(branch.parent()));
  }

  private void putSystemRow(int number, VersionVector row) {
    if (row.isEmpty()) {
      staging.remove(Table.META, Layout.systemRow(number));
    } else {
      staging.put(Table.META, Layout.systemRow(number), SystemRow.encode(row));
    }
  }

  /// A branch is known, though nothing of it is applied, and so is the end of what it goes on from.
  public void know(Branches.Branch branch) {
    branches.add(branch, staging);
  }

  /// A branch turned out to begin with what cannot be applied.
  public void forget(Branches.Branch branch) {
    branches.forget(branch, staging);
  }

  /// What was applied of a replica when its batch of some number was its last.
  ///
  /// @param origin empty if it had none
  /// @param system the vector of `_system` that it had told of
  public record Row(Optional<Origin> origin, VersionVector system) {}

  /// Gives the batches of a replica from the first of a branch on to that branch: its head, its
  /// log, and its entries in all contexts and closes. The cells are another's task.
  ///
  /// @param before what the replica is without them
  public void split(Branches.Branch branch, Row before) {
    var parent = branch.parent();
    var rest = branch.name();
    var whole = find(parent).orElseThrow();
    branches.move(parent, rest, staging);
    branches.add(branch, staging);
    enrol(rest);
    int number = numbers.find(rest).orElseThrow();
    var renaming = new Renaming(branch);
    for (var origin : all()) {
      boolean isParent = origin.replica().equals(parent);
      var context = renaming.of(origin.context());
      var own = isParent && branch.first() > 1 ? context.with(parent, branch.first() - 1) : context;
      var renamed =
          new Origin(
              isParent ? number : origin.number(),
              isParent ? rest : origin.replica(),
              origin.seq(),
              origin.hash(),
              origin.time(),
              own);
      if (isParent || !own.equals(origin.context())) {
        staging.put(Table.META, Layout.head(renamed.number()), renamed.encode(numbers));
      }
    }
    putSystemRow(number, systemRow(parent));
    putSystemRow(whole.number(), before.system());
    before
        .origin()
        .ifPresentOrElse(
            it -> staging.put(Table.META, Layout.head(whole.number()), it.encode(numbers)),
            () -> staging.remove(Table.META, Layout.head(whole.number())));
    log.move(whole.number(), branch.first(), number);
    var rows = closes(staging);
    rows.forEach(row -> rewrite(row, renaming));
    active.clear();
    closed.clear();
    closers.clear();
    closes.clear();
    closedSum = CellDigest.ZERO;
    load();
    // Now that the end of the parent has its hash.
    rows.forEach(row -> implied(renaming.of(row)));
    shortenContexts();
    closes.replicas().forEach(this::sort);
    refresh();
  }

  /// A context read in full: what was closed by what it names is part of it, and the replica's own
  /// batches up to some number.
  public Past past(ReplicaId replica, long seq, VersionVector context) {
    return new Past(context.with(replica, seq), closes);
  }

  /// Leaves out of a context what the rest implies to be closed. In whatever order members have
  /// learned of all that, they come to the same.
  ///
  /// @param replica whose context it is
  /// @param seq the number of its batch before
  public VersionVector withoutClosed(VersionVector whole, ReplicaId replica, long seq) {
    var context = whole;
    for (var entry : whole.entries()) {
      if (!closes.of(entry.replica()).isEmpty()) {
        var shorter = context.without(entry.replica());
        if (past(replica, seq, shorter).seq(entry.replica()) >= entry.seq()) {
          context = shorter;
        }
      }
    }
    return context;
  }

  /// More is closed than was known when contexts were made.
  private void shortenContexts() {
    for (var origin : all()) {
      var context = withoutClosed(origin.context(), origin.replica(), origin.seq() - 1);
      if (!context.equals(origin.context())) {
        var shorter = origin.with(context);
        active.replace(origin.replica(), shorter);
        closed.replace(origin.replica(), shorter);
        staging.put(Table.META, Layout.head(origin.number()), shorter.encode(numbers));
      }
    }
  }

  private void implied(Transfer.Row.CloseRow row) {
    if (branches.find(row.replica()).isPresent()) {
      add(new Head(row.replica(), row.seq(), row.hash()), row.closer(), row.closerSeq());
    }
  }

  private void rewrite(Transfer.Row.CloseRow row, Renaming renaming) {
    var renamed = renaming.of(row);
    if (!renamed.equals(row)) {
      staging.remove(Table.META, key(row));
      staging.put(Table.META, key(renamed), row.hash().bytes());
    }
  }

  private byte[] key(Transfer.Row.CloseRow row) {
    int number = numbers.find(row.replica()).orElseThrow();
    int closer = numbers.find(row.closer()).orElseThrow();
    return Layout.close(number, row.seq(), closer, row.closerSeq());
  }

  /// What a branch makes of the names of what it goes on from.
  private record Renaming(Branches.Branch branch) {

    private ReplicaId of(ReplicaId replica, long seq) {
      boolean isRest = replica.equals(branch.parent()) && seq >= branch.first();
      return isRest ? branch.name() : replica;
    }

    private VersionVector of(VersionVector vector) {
      long seq = vector.seq(branch.parent());
      return seq < branch.first()
          ? vector
          : vector.with(branch.parent(), branch.first() - 1).with(branch.name(), seq);
    }

    private Transfer.Row.CloseRow of(Transfer.Row.CloseRow row) {
      return new Transfer.Row.CloseRow(
          of(row.replica(), row.seq()),
          row.seq(),
          row.hash(),
          of(row.closer(), row.closerSeq()),
          row.closerSeq());
    }
  }

  /// All closes that are applied, with the hashes of the heads they name.
  public static List<Transfer.Row.CloseRow> closes(StatePort state) {
    var numbers = new ReplicaNumbers(state);
    var rows = new ArrayList<Transfer.Row.CloseRow>();
    StoredOrigins.closes(
        state,
        numbers,
        (replica, close, hash) ->
            rows.add(
                new Transfer.Row.CloseRow(
                    replica, close.seq(), hash, close.closer(), close.closerSeq())));
    return rows;
  }

  /// Puts a replica among the active or the closed ones, as its closes say.
  private void sort(ReplicaId replica) {
    var origin = find(replica);
    if (origin.isEmpty()) {
      return;
    }
    forgetClosed(replica);
    active.remove(replica);
    if (closes.names(replica, origin.get().seq())) {
      closed.put(replica, origin.get());
      var close = closes.of(replica).getFirst();
      closers.merge(close.closer(), close.closerSeq(), Math::max);
      closedSum = closedSum.plus(digest(origin.get()));
    } else {
      active.put(replica, origin.get());
    }
  }

  private void forgetClosed(ReplicaId replica) {
    var origin = closed.remove(replica);
    if (origin != null) {
      closedSum = closedSum.minus(digest(origin));
    }
  }

  /// Works out the vector and the token after batches were applied.
  public void refresh() {
    var seqs = new TreeMap<ReplicaId, Long>();
    var heads = new ArrayList<Token.Prefix>();
    for (var origin : active.values()) {
      seqs.put(origin.replica(), origin.seq());
      heads.add(prefix(origin));
    }
    vector = VersionVector.of(seqs);
    token = new Token(space, heads);
  }

  private static Token.Prefix prefix(Origin origin) {
    return new Token.Prefix(origin.replica(), origin.seq(), origin.hash().first());
  }

  private static CellDigest digest(Origin origin) {
    var id = new Encoder().replica(origin.replica()).toBytes();
    return CellDigest.of(
        id, new Encoder().varint(origin.seq()).raw(origin.hash().bytes()).toBytes());
  }
}
