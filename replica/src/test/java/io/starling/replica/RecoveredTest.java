package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.batch.SignedBatch;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import io.starling.replica.state.LogRemains;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Batches that are read from what is left of a damaged store.
class RecoveredTest {

  private final Cluster cluster = new Cluster(3);
  private final Cluster.Member member = cluster.member(0);

  @Test
  void whatNobodyElseHadIsThereAgainAndReachesAll() {
    member.commit(Cluster.increment("n", 1));
    cluster.rounds(1);
    member.isCutOff = true;
    for (int i = 0; i < 5; i++) {
      member.commit(Cluster.increment("n", 10));
    }
    var old = member.state;
    startEmpty();
    cluster.rounds(3);
    assertThat(reads(member)).isEqualTo(1);
    member.on(new Event.Recovered(all(old)));
    cluster.rounds(3);
    assertThat(cluster.members).allSatisfy(it -> assertThat(reads(it)).isEqualTo(51));
    assertThat(member.status().buffered()).isZero();
    assertThat(member.status().digest()).isEqualTo(cluster.member(1).status().digest());
  }

  @Test
  void whatIsHereAlreadyIsPassedOver() {
    member.commit(Cluster.increment("n", 1));
    cluster.rounds(1);
    var before = member.status().token();
    assertThat(member.on(new Event.Recovered(all(member.state)))).isEmpty();
    assertThat(member.status().token()).isEqualTo(before);
  }

  @Test
  void aBatchWhoseCausesAreMissingWaitsForThem() {
    member.isCutOff = true;
    for (int i = 0; i < 3; i++) {
      member.commit(Cluster.increment("n", 1));
    }
    var batches = all(member.state);
    startEmpty();
    member.on(new Event.Recovered(batches.subList(1, 3)));
    assertThat(member.status().buffered()).isEqualTo(2);
    assertThat(reads(member)).isZero();
    member.on(new Event.Recovered(batches.subList(0, 1)));
    assertThat(reads(member)).isEqualTo(3);
  }

  @Test
  void ofALogThatCannotBeReadInOnePlaceTheRestIsFound() {
    member.commit(Cluster.increment("n", 1));
    cluster.rounds(1);
    cluster.member(1).commit(Cluster.increment("n", 2));
    cluster.rounds(1);
    member.commit(Cluster.increment("n", 3));
    var own = member.self();
    var left = new LogRemains(new Rotten(member.state, 1));
    // The own batches stand first, and the second of them cannot be read.
    assertThat(left.last()).containsEntry(own, 1L).containsEntry(cluster.member(1).self(), 1L);
    assertThat(left.batch(own, 1).map(SignedBatch::hash))
        .contains(all(member.state).getFirst().hash());
    assertThat(left.batch(own, 2)).isEmpty();
    assertThat(left.batch(cluster.member(1).self(), 1)).isPresent();
  }

  @Test
  void aBatchWithOtherBytesThanItsHashSaysIsNotBelieved() {
    member.commit(Cluster.increment("n", 1));
    member.commit(Cluster.increment("n", 2));
    var own = member.self();
    alter(2);
    var left = new LogRemains(member.state);
    assertThat(left.batch(own, 1)).isPresent();
    assertThat(left.batch(own, 2)).isEmpty();
    assertThat(left.batch(own, 3)).isEmpty();
    assertThat(left.batch(cluster.member(1).self(), 1)).isEmpty();
  }

  /// Alters the last byte of the log's entry for a seq.
  private void alter(long seq) {
    var writes = new ArrayList<Changes.Write>();
    member.state.scan(
        Table.LOG,
        new byte[0],
        new byte[0],
        (key, value) -> {
          if (key[key.length - 1] == seq) {
            byte[] altered = value.clone();
            altered[altered.length - 1] ^= 1;
            writes.add(new Changes.Write(Table.LOG, key.clone(), Optional.of(altered)));
          }
          return true;
        });
    assertThat(writes).isNotEmpty();
    member.state.persist(new Changes(writes));
  }

  /// A store that fails at one entry of its log.
  private record Rotten(MemoryState state, int place) implements StatePort {
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      var found = new ArrayList<byte[]>();
      byte[] after = Arrays.copyOf(key, key.length + 1);
      scan(table, key, after, (_, value) -> found.add(value));
      return found.stream().findFirst();
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      var first = new byte[1][];
      state.scan(
          table,
          new byte[0],
          new byte[0],
          (key, _) -> {
            first[0] = key.clone();
            return false;
          });
      state.scan(
          table,
          from,
          to,
          (key, value) -> {
            boolean isOfFirst = table == Table.LOG && key[3] == first[0][3];
            if (isOfFirst && key[key.length - 1] > place) {
              throw new StorageFailure("rotten", new IllegalStateException("in a test"));
            }
            return visitor.visit(key, value);
          });
    }
  }

  private void startEmpty() {
    member.state = new MemoryState();
    member.isCutOff = false;
    member.restart();
    cluster.connectAll();
  }

  private static long reads(Cluster.Member at) {
    return at.view("n").toValue() instanceof io.starling.crdt.value.Value.Int(long n) ? n : 0;
  }

  private static List<SignedBatch> all(StatePort state) {
    var left = new LogRemains(state);
    var batches = new ArrayList<SignedBatch>();
    left.last()
        .forEach((replica, last) -> {
          for (long seq = 1; seq <= last; seq++) {
            batches.add(left.batch(replica, seq).orElseThrow());
          }
        });
    return batches;
  }
}
