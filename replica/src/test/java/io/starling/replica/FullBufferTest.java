package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FullBufferTest {

  /// Found by simulation (swarm, seed 1037): with the buffer of a key full of batches that waited,
  /// the very batch that they waited for was dropped as the one furthest ahead, for ever.
  @Test
  void aBatchWhoseTurnItIsIsAppliedThoughTheBufferIsFull() {
    for (int run = 0; run < 8; run++) {
      var cluster = new Cluster(2, AntiEntropyTest.limits(1, 1 << 20));
      var writer = cluster.member(0);
      var reader = cluster.member(1);
      for (int i = 0; i <= run; i++) {
        reader.isCutOff = true;
        writer.commit(Cluster.increment("n", 1));
        writer.commit(Cluster.increment("n", 1));
        writer.restart();
        cluster.connectAll();
        reader.isCutOff = false;
        writer.commit(Cluster.increment("n", 1));
        cluster.deliverAll();
      }
      cluster.rounds(6);
      assertThat(reader.status().token()).as("run " + run).isEqualTo(writer.status().token());
      assertThat(reader.status().buffered()).isZero();
    }
  }
}
