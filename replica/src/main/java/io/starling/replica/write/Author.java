package io.starling.replica.write;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.op.Effect;
import io.starling.crdt.op.Operation;
import io.starling.crdt.op.OperationEncoding;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.Commitment;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.batch.Transaction;
import io.starling.replica.causal.Past;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.Pace;
import io.starling.replica.message.Token;
import io.starling.replica.port.Signer;
import io.starling.replica.port.SystemPort;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.Submission;
import io.starling.replica.state.Origin;
import io.starling.replica.state.Requests;
import io.starling.replica.state.SpaceState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;

/// Makes batches of what clients submit, and applies them to the cells as it goes.
///
/// Submissions are taken in order; each sees those before it. One that is refused leaves no trace.
/// All that fit share one batch, one signature and one sync.
public final class Author {

  // A replica id and a seq in a vector, at most.
  private static final int ENTRY_BYTES = 34;

  // A header without vectors and closes, and the counts of a transaction, at most.
  private static final int FRAME_BYTES = 256;

  // So that a header leaves room for a transaction; the others wait for the next batch.
  private static final int CLOSES_PER_BATCH = 512;

  private final ClusterId cluster;
  private final SpaceId space;
  private final Limits limits;
  private final Signer signer;
  private final Optional<SystemPort> system;
  private final SpaceState state;
  private final IntSupplier format;
  private final Pace closing = new Pace();
  private final TreeSet<ReplicaId> endedBefore = new TreeSet<>();
  private VersionVector systemSent = VersionVector.EMPTY;

  /// @param format the newest of batches that all members read
  public Author(
      ClusterId cluster,
      SpaceId space,
      Limits limits,
      Signer signer,
      Optional<SystemPort> system,
      SpaceState state,
      IntSupplier format) {
    this.cluster = cluster;
    this.space = space;
    this.limits = limits;
    this.signer = signer;
    this.system = system;
    this.state = state;
    this.format = format;
    state.origins().active().forEach(origin -> endedBefore.add(origin.replica()));
  }

  /// A round has passed.
  public void round() {
    closing.passed();
  }

  /// The replicas that a batch closes: those of the own key that are not its own.
  ///
  /// What had come into the store before it was opened has ended. What came later may be a lost
  /// tail, or the incarnation of another process that runs with the same key, which a close ends at
  /// once, and which closes this one in turn. That must not go on with every write.
  private List<Head> closes(ReplicaId self) {
    var others = state.origins().activeOf(self.key(), self);
    boolean isDue = closing.isDue();
    return others.stream()
        .filter(head -> isDue || endedBefore.contains(head.replica()))
        .limit(CLOSES_PER_BATCH)
        .toList();
  }

  /// What became of submissions.
  ///
  /// @param batches formed, applied and not yet persisted, each with the keys it touched
  /// @param operations of those that were accepted, by submission; 0 if nothing had to change
  /// @param refused by submission
  /// @param repeats submissions that were made before
  public record Written(
      List<WrittenBatch> batches,
      SortedMap<Long, Integer> operations,
      SortedMap<Long, Outcome.Refused> refused,
      SortedSet<Long> repeats) {}

  public record WrittenBatch(SignedBatch batch, SortedSet<String> keys) {}

  /// Forgets what the last incarnation had said of `_system`; to be called when a new one begins.
  ///
  /// @param ended the last one
  public void begin(ReplicaId ended) {
    // One under which nothing was written needs no close.
    if (state.origins().seq(ended) > 0) {
      endedBefore.add(ended);
    }
    systemSent = VersionVector.EMPTY;
  }

  /// Takes submissions in order.
  ///
  /// @param self the incarnation that writes
  /// @param time the stamp of the batches
  public Written write(List<Submission> submissions, ReplicaId self, HybridTime time) {
    var written = new Written(new ArrayList<>(), new TreeMap<>(), new TreeMap<>(), new TreeSet<>());
    var session = new Session(self, time, written);
    submissions.forEach(session::take);
    session.sealFilled();
    return written;
  }

  /// Writes a batch that says only what is applied here.
  ///
  /// @return nothing if it would have to name more replicas than a batch may
  public Written testify(ReplicaId self, HybridTime time) {
    var written = new Written(new ArrayList<>(), new TreeMap<>(), new TreeMap<>(), new TreeSet<>());
    var session = new Session(self, time, written);
    try {
      session.requireContextInBounds();
      session.seal();
    } catch (Refusal tooMany) {
      return written;
    }
    return written;
  }

  /// The batches of one event.
  private final class Session {
    private final ReplicaId self;
    private final HybridTime time;
    private final Written written;
    private final VersionVector systemNow;
    private final Conditions conditions;
    private Draft draft;

    private Session(ReplicaId self, HybridTime time, Written written) {
      this.self = self;
      this.time = time;
      this.written = written;
      conditions = new Conditions(space, self, state);
      systemNow = system.map(SystemPort::vector).orElse(VersionVector.EMPTY);
      draft = draft();
    }

    private void take(Submission submission) {
      int mark = state.cells().mark();
      try {
        checkFrame(submission);
        var made = made(submission);
        if (made.isPresent()) {
          written.operations.put(submission.id(), made.get());
          written.repeats.add(submission.id());
          return;
        }
        requireContextInBounds();
        requireUnchanged(submission.request());
        var transaction = apply(submission);
        int bytes = bytes(transaction);
        if (!fits(transaction, bytes)) {
          state.cells().undo(mark);
          sealFilled();
          transaction = apply(submission);
          bytes = bytes(transaction);
          requireFit(transaction, bytes);
        }
        if (!transaction.isEmpty()) {
          draft.add(transaction.get(), bytes);
        }
        int operations = transaction.map(t -> t.operations().size()).orElse(0);
        written.operations.put(submission.id(), operations);
        submission
            .request()
            .key()
            .ifPresent(it -> state.requests().note(submission.principal(), it, operations));
      } catch (Refusal refusal) {
        state.cells().undo(mark);
        written.refused.put(submission.id(), refusal.outcome());
      }
    }

    /// How many operations it became when it was made before, under the same name.
    private Optional<Integer> made(Submission submission) throws Refusal {
      if (submission.request().key().isEmpty()) {
        return Optional.empty();
      }
      var key = submission.request().key().get();
      var made = state.requests().find(submission.principal(), key.name());
      if (made.isPresent() && made.get().fingerprint() != key.fingerprint()) {
        throw Refusal.precondition(
            "the idempotency key '"
                + key.name()
                + "' was used for another transaction; choose a new one for each");
      }
      return made.map(Requests.Made::operations);
    }

    private void requireUnchanged(Request request) throws Refusal {
      if (request.unchangedSince().isPresent()) {
        conditions.require(request.unchangedSince().get(), request.mutations(), this::isTouched);
      }
    }

    /// Whether this event has changed a key.
    private boolean isTouched(String key) {
      return draft.keys().contains(key)
          || written.batches.stream().anyMatch(batch -> batch.keys().contains(key));
    }

    /// No other node would take a batch that names more replicas than one may; so it must not be
    /// acknowledged here.
    private void requireContextInBounds() throws Refusal {
      var told = state.origins().find(self).map(Origin::context).orElse(VersionVector.EMPTY);
      var now = state.origins().vector().without(self);
      if (news(told, now) > Limits.CONTEXT_ENTRIES_MAX
          || news(systemSent, systemNow) > Limits.CONTEXT_ENTRIES_MAX) {
        throw Refusal.exhausted(
            "a batch would have to name more than "
                + Limits.CONTEXT_ENTRIES_MAX
                + " replicas: some node goes on starting anew; stop it, and write on a node that"
                + " has been running since before");
      }
    }

    private static long news(VersionVector told, VersionVector now) {
      // Counted only where there may be too many of them.
      return now.size() <= Limits.CONTEXT_ENTRIES_MAX
          ? now.size()
          : now.entries().stream().filter(e -> e.seq() > told.seq(e.replica())).count();
    }

    private boolean fits(Optional<Transaction> transaction, int bytes) {
      int operations = transaction.map(t -> t.operations().size()).orElse(0);
      return draft.hasRoom(operations, bytes);
    }

    /// A long header can leave less room than a transaction may take.
    private void requireFit(Optional<Transaction> transaction, int bytes) throws Refusal {
      if (!fits(transaction, bytes)) {
        throw Refusal.tooLarge(
            "a transaction of " + bytes + " bytes does not fit into a batch here; split it");
      }
    }

    /// Compiles and applies a submission; empty if it changes nothing.
    private Optional<Transaction> apply(Submission submission) throws Refusal {
      var narrowed = narrow(submission.context());
      int first = draft.operations();
      var operations = new ArrayList<Operation>();
      var read = context(narrowed, first, first);
      var compiler = new MutationCompiler(state.cells(), limits, self, read);
      for (var mutation : submission.mutations()) {
        for (var operation : compiler.compile(mutation)) {
          var dot = new Dot(self, draft.seq(), first + operations.size());
          new Effect(dot, time, context(narrowed, first, dot.index()))
              .apply(operation, state.cells());
          operations.add(operation);
        }
        checkOperations(operations.size());
      }
      requireRead(operations);
      return operations.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Transaction(
                  submission.principal(), narrowed, submission.request().key(), operations));
    }

    /// A member of an older version would take nothing of this node any more, nor what builds on
    /// it. Where such changes have been made before, all read them.
    private void requireRead(List<Operation> operations) throws Refusal {
      int needed = operations.stream().mapToInt(OperationEncoding::form).reduce(1, Math::max);
      if (needed > state.origins().format().newest() && needed > format.getAsInt()) {
        throw Refusal.precondition(
            "not all members read this kind of change yet; upgrade those of an older version first,"
                + " also those that are away");
      }
    }

    /// What an operation sees: for a whole context everything that is here.
    private CausalContext context(Narrowing narrowed, int first, int index) {
      return switch (narrowed) {
        case Narrowing.Whole() -> _ -> true;
        case Narrowing.To(var vector) -> {
          var past = new Past(vector, state.origins().closes());
          yield dot -> isOwn(dot) ? narrowed.coversWithin(dot, first, index) : past.covers(dot);
        }
      };
    }

    private boolean isOwn(Dot dot) {
      return dot.replica().equals(self) && dot.seq() == draft.seq();
    }

    /// Clips a client's token to what is applied; a token that covers all of it narrows nothing.
    private Narrowing narrow(Optional<Token> token) throws Refusal {
      if (token.isEmpty()) {
        return Narrowing.WHOLE;
      }
      var clipped = new TreeMap<ReplicaId, Long>();
      for (var head : state.read(token.get()).heads()) {
        OwnBranch.require(state, self, head);
        // What a branch goes on from is seen with it, though it be closed by what is not here yet.
        for (var seen : state.branches().upTo(head.replica(), head.seq()).entries()) {
          long applied = state.origins().seq(seen.replica());
          clipped.merge(seen.replica(), Math.min(seen.seq(), applied), Math::max);
        }
      }
      var vector = VersionVector.of(clipped);
      boolean isWhole = vector.covers(state.origins().vector()) && draft.isEmpty();
      return isWhole ? Narrowing.WHOLE : new Narrowing.To(vector);
    }

    private Draft draft() {
      long seq = state.origins().seq(self) + 1;
      var closes = closes(self);
      int entries = state.origins().vector().size() + systemNow.size();
      int closeBytes = closes.size() * (ENTRY_BYTES + ChainHash.BYTES);
      return new Draft(seq, closes, FRAME_BYTES + entries * ENTRY_BYTES + closeBytes);
    }

    private void sealFilled() {
      if (!draft.isEmpty()) {
        seal();
      }
    }

    /// Ends the batch being filled and begins the next.
    private void seal() {
      state.origins().enrol(self);
      var before = state.origins().find(self);
      var vector = state.origins().vector().without(self);
      var batch =
          new Batch(
              space,
              self,
              draft.seq(),
              before.map(Origin::hash).orElse(ChainHash.ROOT),
              difference(
                  before.map(Origin::context).orElse(VersionVector.EMPTY), vector, systemNow),
              time,
              draft.closes(),
              draft.transactions());
      if (batch.closes().stream().anyMatch(head -> !endedBefore.contains(head.replica()))) {
        closing.done();
      }
      var signed = sign(batch);
      state.origins().advance(signed, vector);
      state.origins().refresh();
      written.batches.add(new WrittenBatch(signed, draft.keys()));
      draft = draft();
    }
  }

  private SignedBatch sign(Batch batch) {
    byte[] body = BatchEncoding.encode(batch);
    byte[] signature = signer.sign(SigningDomain.batch(cluster, space, body));
    return new SignedBatch(batch, ChainHash.of(body), body, signature);
  }

  private ContextDifference difference(
      VersionVector before, VersionVector now, VersionVector systemNow) {
    var moved = new TreeMap<ReplicaId, Long>();
    var hashes = new ArrayList<ChainHash>();
    for (var entry : now.entries()) {
      if (entry.seq() > before.seq(entry.replica())) {
        moved.put(entry.replica(), entry.seq());
        hashes.add(state.origins().hash(entry.replica(), entry.seq()).orElseThrow());
      }
    }
    var systemMoved = new TreeMap<ReplicaId, Long>();
    for (var entry : systemNow.entries()) {
      // It has moved on since it was asked for its vector, and may have forgotten; the next batch
      // carries what this one does not.
      var hash =
          entry.seq() > systemSent.seq(entry.replica())
              ? system.orElseThrow().hash(entry.replica(), entry.seq())
              : Optional.<ChainHash>empty();
      if (hash.isPresent()) {
        systemMoved.put(entry.replica(), entry.seq());
        hashes.add(hash.get());
      }
    }
    var systemNews = VersionVector.of(systemMoved);
    systemSent = systemSent.join(systemNews);
    return new ContextDifference(VersionVector.of(moved), systemNews, Commitment.to(hashes));
  }

  private void checkFrame(Submission submission) throws Refusal {
    int principal = submission.principal().getBytes(StandardCharsets.UTF_8).length;
    if (principal > Transaction.PRINCIPAL_BYTES_MAX) {
      throw Refusal.invalid(
          "a principal of "
              + principal
              + " bytes; at most "
              + Transaction.PRINCIPAL_BYTES_MAX
              + " are allowed");
    }
    if (submission.mutations().isEmpty()) {
      throw Refusal.invalid("a transaction without a change");
    }
    if (submission.context().isPresent() && !submission.context().get().space().equals(space)) {
      throw Refusal.invalid("the token is of another space or cluster");
    }
    checkOperations(submission.mutations().size());
  }

  private void checkOperations(int operations) throws Refusal {
    if (operations > limits.transactionOperations()) {
      throw Refusal.tooLarge(
          "a transaction of more than " + limits.transactionOperations() + " operations; split it");
    }
  }

  private int bytes(Optional<Transaction> transaction) throws Refusal {
    if (transaction.isEmpty()) {
      return 0;
    }
    var out = new Encoder(256);
    OperationEncoding.write(out, transaction.get().operations());
    if (out.size() > limits.transactionBytes()) {
      throw Refusal.tooLarge(
          "a transaction of "
              + out.size()
              + " bytes; at most "
              + limits.transactionBytes()
              + " are allowed: split it");
    }
    int narrowing =
        transaction.get().narrowed() instanceof Narrowing.To(var vector) ? vector.size() : 0;
    return out.size() + Transaction.PRINCIPAL_BYTES_MAX + narrowing * ENTRY_BYTES + FRAME_BYTES;
  }
}
