package io.starling.replica.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Commitment;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.SpaceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Which of its own batches a node can never apply again.
final class StrandedTest {

  private static final KeyFingerprint KEY = new KeyFingerprint(0, 1);
  private static final ReplicaId OTHER = new ReplicaId(new KeyFingerprint(0, 2), 1);
  private static final ReplicaId SYSTEM = new ReplicaId(KEY, 7);
  private static final ReplicaId ONE = new ReplicaId(KEY, 1);
  private static final ReplicaId NEXT = new ReplicaId(KEY, 2);
  private static final ReplicaId LAST = new ReplicaId(KEY, 3);

  private final TreeMap<ReplicaId, Stranded.First> missing = new TreeMap<>();
  private final TreeSet<Long> lost = new TreeSet<>();

  @Test
  void whatCannotBeReadIs() {
    missing.put(ONE, new Stranded.First(3, Optional.empty()));

    assertThat(stranded()).containsExactly(ONE);
  }

  @Test
  void whatNamesNothingThatIsLostIsNot() {
    missing(ONE, 1, Map.of(), Map.of(SYSTEM, 4L));

    assertThat(stranded()).isEmpty();
  }

  @Test
  void whatNamesALostBatchOfSystemIs() {
    lost.add(4L);
    missing(ONE, 1, Map.of(), Map.of(SYSTEM, 4L));
    missing(NEXT, 1, Map.of(), Map.of(SYSTEM, 3L));

    assertThat(stranded()).containsExactly(ONE);
  }

  /// In whatever order they come.
  @Test
  void whatFollowsOnThatIsAsWell() {
    lost.add(4L);
    missing(LAST, 1, Map.of(), Map.of(SYSTEM, 4L));
    missing(NEXT, 5, Map.of(LAST, 2L), Map.of());
    missing(ONE, 2, Map.of(NEXT, 5L), Map.of());

    assertThat(stranded()).containsExactly(ONE, NEXT, LAST);
  }

  @Test
  void whatFollowsOnAnEarlierBatchIsNot() {
    missing.put(ONE, new Stranded.First(3, Optional.empty()));
    missing(NEXT, 1, Map.of(ONE, 2L), Map.of());

    assertThat(stranded()).containsExactly(ONE);
  }

  /// If who wrote it is away and comes back, it brings it.
  @Test
  void whatOthersWroteIsWorthWaitingForOnlyIfItCanBeRead() {
    missing.put(ONE, new Stranded.First(3, Optional.empty()));
    missing.put(OTHER, new Stranded.First(1, Optional.empty()));
    assertThat(Stranded.areAll(KEY, missing, _ -> false)).isTrue();

    missing(OTHER, 1, Map.of(), Map.of());
    assertThat(Stranded.areAll(KEY, missing, _ -> false)).isFalse();
  }

  /// What follows on what another node wrote can be applied when that comes back.
  @Test
  void whatFollowsOnWhatOthersWroteIsWaitedFor() {
    missing.put(OTHER, new Stranded.First(1, Optional.empty()));
    missing(ONE, 1, Map.of(OTHER, 1L), Map.of());

    assertThat(Stranded.areAll(KEY, missing, _ -> false)).isFalse();
  }

  private SortedSet<ReplicaId> stranded() {
    return Stranded.among(missing, it -> it.replica().equals(SYSTEM) && lost.contains(it.seq()));
  }

  private void missing(
      ReplicaId replica, long seq, Map<ReplicaId, Long> space, Map<ReplicaId, Long> system) {
    var context =
        new ContextDifference(
            VersionVector.of(new TreeMap<>(space)),
            VersionVector.of(new TreeMap<>(system)),
            Commitment.NONE);
    var batch =
        new Batch(
            new SpaceId(1, 1),
            replica,
            seq,
            ChainHash.ROOT,
            context,
            HybridTime.ZERO,
            List.of(),
            List.of());
    missing.put(replica, new Stranded.First(seq, Optional.of(batch)));
  }
}
