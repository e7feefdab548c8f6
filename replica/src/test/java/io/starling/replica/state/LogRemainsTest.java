package io.starling.replica.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.Encoder;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.hosting.Had.Missing;
import io.starling.replica.hosting.Salvage;
import io.starling.replica.limits.Limits;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Submission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What can be read of a log of which some entries cannot.
final class LogRemainsTest {

  private static final int BATCHES = 40;
  private static final KeyFingerprint KEY = new KeyFingerprint(0, 1);

  private final MemoryState state = new MemoryState();
  private final List<Long> taken = new ArrayList<>();
  private final TreeSet<byte[]> unreadable = new TreeSet<>(Arrays::compareUnsigned);
  private final ReplicaId one = written(1);
  private final ReplicaId other = written(2);

  @Test
  void allIsReadOfAWholeLog() {
    assertRead(one, LongStream.empty());
    assertRead(other, LongStream.empty());
  }

  @Test
  void whatStandsBehindAnEntryThatCannotBeReadIsFound() {
    spoil(1, LongStream.of(17));
    assertRead(one, LongStream.of(17));
    assertRead(other, LongStream.empty());
  }

  @Test
  void aReplicaIsKnownThoughItsFirstEntriesCannotBeRead() {
    spoil(1, LongStream.rangeClosed(1, 11));
    spoil(2, LongStream.of(1));
    assertRead(one, LongStream.rangeClosed(1, 11));
    assertRead(other, LongStream.of(1));
  }

  @Test
  void theLastEntryIsFoundThoughAllBeforeItCannotBeRead() {
    for (long length = 1; length < BATCHES; length++) {
      unreadable.clear();
      spoil(1, LongStream.range(BATCHES - length, BATCHES));
      assertRead(one, LongStream.range(BATCHES - length, BATCHES));
      assertRead(other, LongStream.empty());
    }
  }

  @Test
  void ofALogThatCannotBeReadAtAllNothingIsKnown() {
    spoil(1, LongStream.rangeClosed(1, BATCHES));
    assertThat(remains().last()).containsOnlyKeys(other);
    spoil(2, LongStream.rangeClosed(1, BATCHES));
    assertThat(remains().last()).isEmpty();
  }

  @Test
  void whatIsMissingIsTakenInOrderUpToAHole() {
    spoil(1, LongStream.of(8));
    assertThat(salvage(one, 3, 40).found()).isEqualTo(Salvage.Found.NEXT);
    assertThat(taken).containsExactly(4L, 5L, 6L, 7L);
  }

  @Test
  void whatStandsBehindAHoleIsFoundThoughItCannotBeTaken() {
    spoil(1, LongStream.of(8));
    assertThat(salvage(one, 7, 40).found()).isEqualTo(Salvage.Found.BEHIND_A_HOLE);
    assertThat(salvage(one, 7, 8).found()).isEqualTo(Salvage.Found.NOTHING);
    assertThat(taken).isEmpty();
  }

  /// Nothing of a branch is here, and nothing stands before its first batch.
  @Test
  void aBranchIsTakenFromWhereItBegins() {
    var branch = branch(7);
    assertThat(remains().begins(branch)).isEqualTo(7);
    assertThat(salvage(branch, 0, 9).found()).isEqualTo(Salvage.Found.NEXT);
    assertThat(taken).containsExactly(7L, 8L, 9L);
  }

  @Test
  void whoTakesNothingIsGivenNoMore() {
    var all = new TreeMap<>(Map.of(one, new Missing(0, 40), other, new Missing(0, 40)));
    var salvaged =
        new Salvage<RuntimeException>(remains(), _ -> true, _ -> taken.add(0L) && false).run(all);
    assertThat(salvaged.found()).isEqualTo(Salvage.Found.NEXT);
    assertThat(salvaged.isTaken()).isFalse();
    assertThat(taken).hasSize(1);
  }

  private Salvage.Salvaged salvage(ReplicaId replica, long have, long had) {
    var missing = new TreeMap<>(Map.of(replica, new Missing(have, had)));
    return new Salvage<RuntimeException>(
            remains(),
            _ -> true,
            chunk -> taken.addAll(chunk.stream().map(it -> it.batch().seq()).toList()))
        .run(missing);
  }

  /// Has the first replica's log be one of a branch from a batch on.
  private ReplicaId branch(long from) {
    int number = new ReplicaNumbers(state).find(one).orElseThrow();
    byte[] first = state.get(Table.LOG, Layout.log(number, from)).orElseThrow();
    var branch = new ReplicaId(KEY, ChainHash.ofBytes(first).first());
    var writes = new ArrayList<Changes.Write>();
    byte[] name = new Encoder().replica(branch).toBytes();
    writes.add(new Changes.Write(Table.META, Layout.number(number), Optional.of(name)));
    LongStream.range(1, from)
        .mapToObj(seq -> new Changes.Write(Table.LOG, Layout.log(number, seq), Optional.empty()))
        .forEach(writes::add);
    state.persist(new Changes(writes));
    return branch;
  }

  private void assertRead(ReplicaId replica, LongStream but) {
    var remains = remains();
    var gone = new TreeSet<>(but.boxed().toList());
    assertThat(remains.last()).containsEntry(replica, (long) BATCHES);
    for (long seq = 1; seq <= BATCHES; seq++) {
      assertThat(remains.batch(replica, seq).isPresent())
          .as("batch " + seq)
          .isEqualTo(!gone.contains(seq));
    }
  }

  private LogRemains remains() {
    return new LogRemains(
        new StatePort() {
          @Override
          public Optional<byte[]> get(Table table, byte[] key) {
            check(key);
            return state.get(table, key);
          }

          @Override
          public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
            state.scan(
                table,
                from,
                to,
                (key, value) -> {
                  check(key);
                  return visitor.visit(key, value);
                });
          }
        });
  }

  private void check(byte[] key) {
    if (unreadable.contains(key)) {
      throw new StorageFailure("a wrong checksum", new IllegalStateException("rot"));
    }
  }

  /// @param start the how manieth start of the store it was, which is the number of its replica
  private void spoil(int start, LongStream seqs) {
    var numbers = new ReplicaNumbers(state);
    int number = numbers.find(start == 1 ? one : other).orElseThrow();
    seqs.forEach(seq -> unreadable.add(new Encoder(16).u32(number).u64(seq).toBytes()));
  }

  /// Starts a replica over the store and has it write.
  private ReplicaId written(int start) {
    var cluster = new ClusterId(0, 0);
    var entropy = new byte[32];
    entropy[0] = (byte) start;
    var replica =
        Replica.open(
            new Replica.Setup(
                cluster,
                SpaceId.of(cluster, SpaceId.MAIN, 0),
                KEY,
                entropy,
                Limits.DEFAULT,
                state,
                state,
                _ -> new byte[64],
                Optional.empty(),
                () -> new TreeSet<>(Set.of(KEY)),
                Proof.NEEDED),
            Instant.EPOCH);
    for (int n = 0; n < BATCHES; n++) {
      var increment = new Mutation.Increment(Path.of("count"), 1);
      var submission = new Submission(n, "test", Optional.empty(), List.of(increment));
      for (var effect : replica.on(new Event.Submitted(List.of(submission)), Instant.EPOCH)) {
        if (effect instanceof Effect.Persist(var changes)) {
          state.persist(changes);
        }
      }
    }
    return replica.status().self();
  }
}
