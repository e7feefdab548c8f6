package io.starling.replica.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.batch.ChainHash;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a log answers where bodies are gone and hashes are left.
class SpaceLogTest {

  private final MemoryState durable = new MemoryState();
  private final Staging staging = new Staging(durable);
  private final SpaceLog log = new SpaceLog(staging);

  @Test
  void aHashThatIsKeptIsNoBatchAndHasItsSeq() {
    SpaceLog.keepHash(staging, 7, 3, hash(3));
    assertThat(log.hash(7, 3)).contains(hash(3));
    assertThat(log.batch(7, 3)).isEmpty();
    assertThat(log.firstSeq(7, 1)).isEmpty();
    assertThat(log.hash(7, 2)).isEmpty();
    assertThat(log.hash(6, 3)).isEmpty();
  }

  @Test
  void aHashIsNotKeptTwice() {
    SpaceLog.keepHash(staging, 7, 3, hash(3));
    durable.persist(staging.take());
    SpaceLog.keepHash(staging, 7, 3, hash(4));
    assertThat(staging.isEmpty()).isTrue();
    assertThat(log.hash(7, 3)).contains(hash(3));
  }

  @Test
  void hashesAreShownInOrderFromASeqOnAsFarAsTheyAreWanted() {
    for (long seq : new long[] {300, 2, 5, 4}) {
      SpaceLog.keepHash(staging, 7, seq, hash(seq));
    }
    SpaceLog.keepHash(staging, 6, 9, hash(9));
    SpaceLog.keepHash(staging, 8, 9, hash(9));
    assertThat(seqs(7, 0, 10)).containsExactly(2L, 4L, 5L, 300L);
    assertThat(seqs(7, 4, 10)).containsExactly(4L, 5L, 300L);
    assertThat(seqs(7, 3, 2)).containsExactly(4L, 5L);
    assertThat(seqs(7, 301, 2)).isEmpty();
  }

  @Test
  void anEntryIsAHashOnlyIfItIsNoLonger() {
    var entry = new byte[ChainHash.BYTES];
    staging.put(Table.LOG, Layout.log(1, 1), entry);
    assertThat(log.batch(1, 1)).isEmpty();
    assertThat(log.hash(1, 1)).contains(ChainHash.ROOT);
  }

  /// What was taken out of a store stands in the way of a search for a while yet.
  @Test
  void aSearchForTheFirstBatchBeginsWhereTheLogDoes() {
    for (long seq = 1; seq <= 1_000; seq++) {
      staging.put(Table.LOG, Layout.log(7, seq), new byte[ChainHash.BYTES]);
    }
    assertThat(log.firstSeq(7, 1)).hasValue(SpaceLog.SEARCHED_MAX + 1);
    new LogStart(1, 1_001).put(staging, 7);
    var searched = new ArrayList<byte[]>();
    var port =
        new StatePort() {
          @Override
          public Optional<byte[]> get(Table table, byte[] key) {
            return staging.get(table, key);
          }

          @Override
          public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
            searched.add(from);
            staging.scan(table, from, to, visitor);
          }
        };
    assertThat(new SpaceLog(port).firstSeq(7, 1)).isEmpty();
    assertThat(searched).containsExactly(Layout.log(7, 1_001));
  }

  @Test
  void aHashThatHasGoneFromTheFrontIsNotKeptAgain() {
    new LogStart(5, 9).put(staging, 7);
    SpaceLog.keepHash(staging, 7, 4, hash(4));
    SpaceLog.keepHash(staging, 7, 5, hash(5));
    assertThat(seqs(7, 0, 10)).containsExactly(5L);
  }

  private List<Long> seqs(int number, long from, int most) {
    var seqs = new ArrayList<Long>();
    log.hashes(
        number,
        from,
        (seq, hash) -> {
          assertThat(hash).isEqualTo(hash(seq));
          return seqs.add(seq) && seqs.size() < most;
        });
    return seqs;
  }

  private static ChainHash hash(long seq) {
    return new ChainHash(1, 2, 3, seq);
  }
}
