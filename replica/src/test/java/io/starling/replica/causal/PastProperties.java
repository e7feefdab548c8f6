package io.starling.replica.causal;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A vector that omits closed replicas, against the definition: the least vector that holds what is
/// listed and, for each close whose closer it covers, what the close names.
class PastProperties {

  private record Named(ReplicaId replica, Closes.Close close) {}

  @Property(tries = 2_000)
  void readsAsTheLeastFixpoint(@ForAll long seed) {
    var random = new Random(seed);
    var named = randomCloses(random, 1 + random.nextInt(12));
    var closes = closes(named);
    var listed = randomVector(random);
    var past = new Past(listed, closes);
    var model = naive(listed, named);
    for (int asked = 0; asked < 12; asked++) {
      var replica = replica(random.nextInt(6));
      assertThat(past.seq(replica)).isEqualTo(model.getOrDefault(replica, 0L));
    }
  }

  @Property(tries = 2_000)
  void whatWasAskedBeforeACloseCameSaysNothingOfLater(@ForAll long seed) {
    var random = new Random(seed);
    var named = randomCloses(random, 1 + random.nextInt(12));
    var closes = new Closes();
    var known = new ArrayList<Named>();
    for (var close : named) {
      closes.add(close.replica(), close.close());
      known.add(close);
      var listed = randomVector(random);
      var past = new Past(listed, closes);
      var model = naive(listed, known);
      for (int asked = 0; asked < 6; asked++) {
        var replica = replica(random.nextInt(6));
        assertThat(past.seq(replica)).isEqualTo(model.getOrDefault(replica, 0L));
      }
    }
  }

  @Test
  @Timeout(10)
  void closesThatNameEachOtherInACircleAreNotSeenBecauseOfThemselves() {
    var p = replica(0);
    var q = replica(1);
    var closes = new Closes();
    closes.add(q, new Closes.Close(5, p, 1));
    closes.add(p, new Closes.Close(1, q, 6));
    var past = new Past(VersionVector.EMPTY, closes);
    assertThat(past.seq(p)).isZero();
    assertThat(past.seq(q)).isZero();
    var listsOne = new Past(VersionVector.EMPTY.with(p, 1), closes);
    assertThat(listsOne.seq(q)).isEqualTo(5);
  }

  @Test
  @Timeout(10)
  void aChainOfManyThousandIncarnationsIsRead() {
    var closes = new Closes();
    int length = 20_000;
    for (int i = 1; i < length; i++) {
      closes.add(replica(i - 1), new Closes.Close(3, replica(i), 1));
    }
    var past = new Past(VersionVector.EMPTY.with(replica(length - 1), 1), closes);
    assertThat(past.seq(replica(0))).isEqualTo(3);
    assertThat(past.seq(replica(length / 2))).isEqualTo(3);
  }

  @Test
  void whatIsListedBeyondACloseStays() {
    var closes = new Closes();
    closes.add(replica(0), new Closes.Close(3, replica(1), 1));
    var listed = VersionVector.EMPTY.with(replica(0), 5).with(replica(1), 1);
    assertThat(new Past(listed, closes).seq(replica(0))).isEqualTo(5);
  }

  @Test
  void ofSeveralClosesTheHighestThatIsCoveredCounts() {
    var closes = new Closes();
    closes.add(replica(0), new Closes.Close(3, replica(1), 1));
    closes.add(replica(0), new Closes.Close(7, replica(2), 2));
    closes.add(replica(0), new Closes.Close(9, replica(2), 4));
    var listed = VersionVector.EMPTY.with(replica(1), 1).with(replica(2), 3);
    assertThat(new Past(listed, closes).seq(replica(0))).isEqualTo(7);
  }

  private static List<Named> randomCloses(Random random, int count) {
    var closes = new ArrayList<Named>();
    for (int i = 0; i < count; i++) {
      int closed = random.nextInt(6);
      int closer = (closed + 1 + random.nextInt(5)) % 6;
      var close = new Closes.Close(1 + random.nextInt(4), replica(closer), 1 + random.nextInt(4));
      closes.add(new Named(replica(closed), close));
    }
    return closes;
  }

  private static Closes closes(List<Named> named) {
    var closes = new Closes();
    named.forEach(n -> closes.add(n.replica, n.close));
    return closes;
  }

  private static VersionVector randomVector(Random random) {
    var listed = new TreeMap<ReplicaId, Long>();
    for (int i = 0; i < 6; i++) {
      if (random.nextBoolean()) {
        listed.put(replica(i), (long) random.nextInt(5));
      }
    }
    return VersionVector.of(listed);
  }

  private static TreeMap<ReplicaId, Long> naive(VersionVector listed, List<Named> closes) {
    var model = listed.toMap();
    boolean hasChanged = true;
    while (hasChanged) {
      hasChanged = false;
      for (var n : closes) {
        boolean isCovered = model.getOrDefault(n.close.closer(), 0L) >= n.close.closerSeq();
        if (isCovered && model.getOrDefault(n.replica, 0L) < n.close.seq()) {
          model.put(n.replica, n.close.seq());
          hasChanged = true;
        }
      }
    }
    return model;
  }

  private static ReplicaId replica(int number) {
    return new ReplicaId(new KeyFingerprint(1, 1), number);
  }
}
