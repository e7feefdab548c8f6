package io.starling.replica.causal;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.batch.Transaction;
import java.util.List;
import org.junit.jupiter.api.Test;

class CausalBufferTest {

  private static final ReplicaId A = replica(1, 1);
  private static final ReplicaId B = replica(2, 1);

  @Test
  void aBatchIsKeptOnce() {
    var buffer = new CausalBuffer(10, 1_000_000);
    assertThat(buffer.add(batch(A, 3))).isZero();
    assertThat(buffer.add(batch(A, 3))).isZero();
    assertThat(buffer.size()).isEqualTo(1);
    assertThat(buffer.get(A, 3)).isPresent();
    assertThat(buffer.get(A, 2)).isEmpty();
    assertThat(buffer.get(B, 3)).isEmpty();
  }

  @Test
  void ofOneNumberAFewAreKept() {
    var buffer = new CausalBuffer(100, 1_000_000);
    for (int i = 0; i < 3 * CausalBuffer.SAME_MAX; i++) {
      buffer.add(batch(A, 3, "key" + i));
    }
    assertThat(buffer.at(A, 3)).hasSize(CausalBuffer.SAME_MAX);
    assertThat(buffer.get(A, 3)).contains(buffer.at(A, 3).getFirst());
    buffer.drop(buffer.at(A, 3).get(1));
    assertThat(buffer.size()).isEqualTo(CausalBuffer.SAME_MAX - 1);
    assertThat(buffer.of(A)).isEqualTo(buffer.at(A, 3));
  }

  @Test
  void ofTooManyTheFurthestAheadIsDropped() {
    var buffer = new CausalBuffer(3, 1_000_000);
    for (long seq : new long[] {9, 2, 7}) {
      buffer.add(batch(A, seq));
    }
    assertThat(buffer.add(batch(A, 4))).isEqualTo(1);
    assertThat(buffer.get(A, 9)).isEmpty();
    assertThat(buffer.add(batch(A, 100))).isEqualTo(1);
    assertThat(buffer.get(A, 100)).isEmpty();
    assertThat(buffer.size()).isEqualTo(3);
  }

  @Test
  void theBoundHoldsForAllIncarnationsOfAKeyTogether() {
    var buffer = new CausalBuffer(20, 1_000_000);
    buffer.add(batch(B, 2));
    for (int incarnation = 0; incarnation < 1_000; incarnation++) {
      buffer.add(batch(replica(1, incarnation), 2));
    }
    assertThat(buffer.size()).isEqualTo(21);
    assertThat(buffer.get(B, 2)).isPresent();
    assertThat(buffer.replicas()).hasSize(21);
  }

  @Test
  void theBoundInBytesHoldsToo() {
    int bytes = batch(A, 2).bytes();
    var buffer = new CausalBuffer(1_000, 5L * bytes);
    for (long seq = 2; seq < 100; seq++) {
      buffer.add(batch(A, seq));
    }
    assertThat(buffer.size()).isEqualTo(5);
    assertThat(buffer.get(A, 6)).isPresent();
    buffer.dropUpTo(A, 4);
    for (long seq = 7; seq < 100; seq++) {
      buffer.add(batch(A, seq));
    }
    assertThat(buffer.size()).isEqualTo(5);
  }

  @Test
  void whatIsDroppedLeavesNothingBehind() {
    var buffer = new CausalBuffer(10, 1_000_000);
    buffer.add(batch(A, 2));
    buffer.add(batch(A, 5));
    buffer.add(batch(B, 8));
    buffer.dropUpTo(A, 2);
    assertThat(buffer.replicas()).containsExactly(A, B);
    buffer.dropFrom(A, 5);
    buffer.dropFrom(A, 1);
    buffer.dropUpTo(B, 7);
    assertThat(buffer.replicas()).containsExactly(B);
    assertThat(buffer.size()).isEqualTo(1);
  }

  private static SignedBatch batch(ReplicaId replica, long seq) {
    return batch(replica, seq, "k");
  }

  private static SignedBatch batch(ReplicaId replica, long seq, String key) {
    var batch =
        new Batch(
            new SpaceId(1, 2),
            replica,
            seq,
            ChainHash.ROOT,
            ContextDifference.NONE,
            HybridTime.ZERO,
            List.of(),
            List.of(
                new Transaction("", Narrowing.WHOLE, List.of(new Operation.Enable(Path.of(key))))));
    byte[] body = BatchEncoding.encode(batch);
    return new SignedBatch(batch, ChainHash.of(body), body, new byte[64]);
  }

  private static ReplicaId replica(long key, long incarnation) {
    return new ReplicaId(new KeyFingerprint(key, key), incarnation);
  }
}
