package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.request.Outcome;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A node whose clock is far from its peers' refuses to write, as long as that is so and no longer.
final class ClockRefusalTest {

  private static final long HOUR_MILLIS = 3_600_000;

  private final Cluster cluster = new Cluster(3);
  private final Cluster.Member node = cluster.member(0);

  @Test
  void aClockFarFromTheMedianRefusesWrites() {
    cluster.rounds(10);
    node.clockSkewMillis = HOUR_MILLIS;
    cluster.rounds(10);

    assertThat(node.refused(Cluster.increment("count", 1)).reason())
        .isEqualTo(Outcome.Reason.UNAVAILABLE);
  }

  @Test
  void aNodeWhoseClockWasSetRightWritesThoughCutOff() {
    cluster.rounds(10);
    node.clockSkewMillis = HOUR_MILLIS;
    cluster.rounds(10);
    node.isCutOff = true;
    node.clockSkewMillis = 0;

    assertThat(node.submit(Optional.empty(), Cluster.increment("count", 1)))
        .isInstanceOf(Outcome.Committed.class);
  }

  @Test
  void aClockThatWasWrongBeforeAPeersBatchIsNoNews() {
    cluster.rounds(10);
    node.clockSkewMillis = HOUR_MILLIS;
    cluster.rounds(10);
    node.clockSkewMillis = 0;
    cluster.member(1).commit(Cluster.increment("count", 1));
    cluster.deliverAll();

    assertThat(node.submit(Optional.empty(), Cluster.increment("count", 1)))
        .isInstanceOf(Outcome.Committed.class);
  }
}
