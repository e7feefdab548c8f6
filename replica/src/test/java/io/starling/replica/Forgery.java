package io.starling.replica;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.op.Operation;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Commitment;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.batch.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A batch made by hand, honest but for what the test changes: what a member with a valid key can
/// sign.
final class Forgery {

  private final ReplicaId author;
  private SpaceId space = Cluster.MAIN;
  private long seq = 1;
  private ChainHash previous = ChainHash.ROOT;
  private final TreeMap<ReplicaId, Long> context = new TreeMap<>();
  private final TreeMap<ReplicaId, Long> system = new TreeMap<>();
  private final List<ChainHash> named = new ArrayList<>();
  private HybridTime time = HybridTime.ofMillis(1_700_000_000_000L);
  private final List<Head> closes = new ArrayList<>();
  private Narrowing narrowed = Narrowing.WHOLE;
  private final List<Operation> operations = new ArrayList<>();

  private Forgery(ReplicaId author) {
    this.author = author;
  }

  static Forgery by(ReplicaId author) {
    return new Forgery(author);
  }

  /// The batch that follows another one of the same author.
  static Forgery after(SignedBatch before) {
    var forgery = new Forgery(before.batch().replica());
    forgery.seq = before.batch().seq() + 1;
    forgery.previous = before.hash();
    return forgery;
  }

  Forgery of(SpaceId space) {
    this.space = space;
    return this;
  }

  Forgery numbered(long seq) {
    this.seq = seq;
    return this;
  }

  Forgery chainedTo(ChainHash previous) {
    this.previous = previous;
    return this;
  }

  /// Has seen a batch; heads are to be given in the order of their replicas.
  Forgery seeing(Head head) {
    context.put(head.replica(), head.seq());
    named.add(head.hash());
    return this;
  }

  Forgery seeingSystem(Head head) {
    system.put(head.replica(), head.seq());
    named.add(head.hash());
    return this;
  }

  Forgery stamped(HybridTime time) {
    this.time = time;
    return this;
  }

  Forgery closing(Head head) {
    closes.add(head);
    return this;
  }

  Forgery narrowedTo(VersionVector vector) {
    narrowed = new Narrowing.To(vector);
    return this;
  }

  Forgery doing(Operation operation) {
    operations.add(operation);
    return this;
  }

  SignedBatch sign() {
    var transactions =
        operations.isEmpty()
            ? List.<Transaction>of()
            : List.of(new Transaction("forger", narrowed, operations));
    var batch =
        new Batch(
            space,
            author,
            seq,
            previous,
            new ContextDifference(
                VersionVector.of(context), VersionVector.of(system), Commitment.to(named)),
            time,
            closes,
            transactions);
    byte[] body = BatchEncoding.encode(batch);
    return new SignedBatch(batch, ChainHash.of(body), body, new byte[SignedBatch.SIGNATURE_BYTES]);
  }

  /// A head of a batch that nobody has.
  static Head nowhere(ReplicaId replica, long seq) {
    return new Head(replica, seq, new ChainHash(9, 9, 9, seq));
  }

  static Optional<SignedBatch> find(List<SignedBatch> batches, ReplicaId replica, long seq) {
    return batches.stream()
        .filter(b -> b.batch().replica().equals(replica) && b.batch().seq() == seq)
        .findFirst();
  }
}
