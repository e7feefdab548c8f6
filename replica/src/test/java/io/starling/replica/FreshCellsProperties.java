package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.replica.Cluster.Member;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.statistics.Statistics;

/// A member that was blank comes to the same as the others, whatever is written meanwhile, lost on
/// the way, broken off or killed.
final class FreshCellsProperties {

  private static final int KEYS = 3_000;

  private final Cluster cluster = new Cluster(3);
  private final Member one = cluster.member(0);
  private final Member two = cluster.member(1);
  private final Member three = cluster.member(2);

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void aBlankMemberComesToTheSame(@ForAll long seed) {
    var random = new Random(seed);
    three.isCutOff = true;
    for (int i = 0; i < 25; i++) {
      (random.nextBoolean() ? one : two).commit(some(random, 100));
      if (random.nextInt(8) == 0) {
        one.restart();
        cluster.connectAll();
      }
      cluster.deliverAll();
    }
    boolean isWriter = random.nextBoolean();
    boolean isStaged = false;
    for (int round = 0; round < 4; round++) {
      meet();
      isStaged |= disturb(random, isWriter);
      three.isCutOff |= random.nextBoolean();
      if (three.isCutOff && random.nextBoolean()) {
        three.restart();
      }
      if (isWriter) {
        three.commit(some(random, 2));
      }
    }
    meet();
    cluster.rounds(90);
    Statistics.label("some was joined cell by cell").collect(isStaged);
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
    for (var member : cluster.members) {
      assertThat(member.status().active()).isEqualTo(one.status().active());
      assertThat(member.status().digest()).isEqualTo(one.status().digest());
      StateCheck.holds(member);
    }
    assertThat(isEmpty(Table.FRESH_CELLS) && isEmpty(Table.STAGE)).isTrue();
  }

  /// Three meets the others, who have the same and lost their logs.
  private void meet() {
    three.isCutOff = true;
    cluster.loseAll();
    cluster.connectAll();
    cluster.rounds(2);
    one.loseLog();
    two.loseLog();
    cluster.loseAll();
    three.isCutOff = false;
    cluster.connectAll();
  }

  /// @return whether something was staged
  private boolean disturb(Random random, boolean isWriter) {
    boolean isStaged = false;
    int steps = random.nextInt(250);
    for (int i = 0; i < steps; i++) {
      cluster.step();
      switch (random.nextInt(240)) {
        case 0, 1 -> (isWriter ? three : one).commit(some(random, 3));
        case 2, 3 -> one.commit(some(random, 3));
        case 4, 5 -> two.commit(some(random, 3));
        case 6, 7 -> cluster.loseSome(random);
        case 8 -> {
          three.restart();
          cluster.connectAll();
        }
        case 9 -> {
          three.on(new Event.PeerDown(one.key));
          three.on(new Event.PeerUp(one.key));
        }
        default -> {}
      }
      isStaged |= !isEmpty(Table.STAGE);
    }
    return isStaged;
  }

  private boolean isEmpty(Table table) {
    boolean[] isEmpty = {true};
    three.state.scan(table, new byte[0], new byte[0], (_, _) -> isEmpty[0] = false);
    return isEmpty[0];
  }

  private static Mutation[] some(Random random, int count) {
    var some = new ArrayList<Mutation>();
    for (int i = 0; i < count; i++) {
      int key = random.nextInt(KEYS);
      some.add(
          switch (random.nextInt(4)) {
            case 0 -> Cluster.set("k/" + key, "v" + random.nextInt());
            case 1 -> Cluster.increment("n/" + key % 300, 1 + random.nextInt(5));
            case 2 -> Cluster.add("s/" + key % 100, "e" + random.nextInt(20));
            default -> new Mutation.Remove(Path.of("k/" + key));
          });
    }
    return some.toArray(new Mutation[0]);
  }
}
