package io.starling.node.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ActivityRingTest {

  @Test
  void ofTooManyTheOldestGo() {
    var ring = new ActivityRing();
    var replica = new ReplicaId(new KeyFingerprint(1, 1), 1);
    for (int i = 1; i <= ActivityRing.ENTRIES_MAX + 1; i++) {
      ring.add(new NodeStatus.Activity(Instant.EPOCH, "main", replica, i, 1, 1, List.of()));
    }
    assertThat(ring.latest()).hasSize(ActivityRing.ENTRIES_MAX);
    assertThat(ring.latest().getFirst().seq()).isEqualTo(ActivityRing.ENTRIES_MAX + 1);
    assertThat(ring.latest().getLast().seq()).isEqualTo(2);
  }
}
