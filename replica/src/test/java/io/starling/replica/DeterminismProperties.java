package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.request.Submission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Same state, events and times, same effects, byte for byte.
class DeterminismProperties {

  @Property(tries = 60)
  void theSameHistoryHasTheSameEffects(@ForAll long seed) {
    assertThat(run(seed)).isEqualTo(run(seed));
  }

  private static List<List<String>> run(long seed) {
    var random = new Random(seed);
    var cluster = new Cluster(3);
    for (int step = 0; step < 80; step++) {
      var member = cluster.member(random.nextInt(3));
      switch (random.nextInt(8)) {
        case 0 -> cluster.rounds(1);
        case 1 -> cluster.loseSome(random);
        case 2 -> {
          member.restart();
          cluster.connectAll();
        }
        case 3, 4, 5 -> {
          var together = new ArrayList<Submission>();
          for (int i = random.nextInt(3); i >= 0; i--) {
            together.add(new Submission(0, "p", Optional.empty(), RandomMutations.some(random)));
          }
          member.submit(together);
        }
        default -> cluster.deliverSome(random);
      }
    }
    cluster.rounds(3);
    return cluster.members.stream().map(member -> Trace.of(member.effects)).toList();
  }
}
