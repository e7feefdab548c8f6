package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import io.starling.replica.request.Submission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/// Members whose logs are truncated while others are away for hours, with writes of their own, come
/// to what one has that saw every batch when it was written: nothing unseen is lost, and nothing
/// deleted returns.
class TruncationProperties {

  private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

  @Property(tries = 60)
  void whoeverComesBackHasWhatOneHasThatWasNeverAway(@ForAll long seed) {
    var random = new Random(seed);
    var cluster = new Cluster(2 + random.nextInt(3), limits(random));
    cluster.proof = Proof.WAIVED;
    cluster.members.forEach(Cluster.Member::restart);
    cluster.connectAll();
    var reference = cluster.beside();
    cluster.watcher =
        (member, applied) -> {
          if (applied.batch().batch().replica().key().equals(member.key)) {
            reference.hear(member, applied.batch());
          }
        };
    for (int step = 0; step < 150; step++) {
      step(cluster, random);
    }
    cluster.members.forEach(member -> member.isCutOff = false);
    cluster.connectAll();
    for (int round = 0; round < 300 && !isSettled(cluster, reference); round++) {
      cluster.rounds(1);
    }
    for (var member : cluster.members) {
      assertThat(member.status().token()).isEqualTo(reference.status().token());
      assertThat(member.status().closed()).isEqualTo(reference.status().closed());
      assertThat(member.status().digest()).isEqualTo(reference.status().digest());
      StateCheck.holds(member);
    }
    assertThat(cluster.alarmKinds()).isSubsetOf(Effect.Kind.BEHIND_LOG, Effect.Kind.UNATTESTED);
    Statistics.label("state was taken over")
        .collect(isTakenOver(cluster))
        .coverage(it -> it.check(true).percentage(share -> share > 20));
    Statistics.label("truncated, though one lacked it")
        .collect(cluster.members.stream().anyMatch(it -> it.status().log().truncatedUnstable() > 0))
        .coverage(it -> it.check(true).percentage(share -> share > 20));
  }

  private static Limits limits(Random random) {
    long bytes = List.of(1L, 1_500L, 1L << 30).get(random.nextInt(3));
    var age = Duration.ofHours(List.of(0, 2, 1_000).get(random.nextInt(3)));
    var stableAge = random.nextBoolean() ? Duration.ZERO : age.dividedBy(2);
    return Limits.DEFAULT.retaining(new LogRetention(bytes, age, stableAge));
  }

  private static boolean isTakenOver(Cluster cluster) {
    return cluster.members.stream()
        .flatMap(member -> member.sent(Message.Transferred.class).stream())
        .anyMatch(sent -> sent.transfer() instanceof Transfer.Page);
  }

  private static void step(Cluster cluster, Random random) {
    var member = cluster.member(random.nextInt(cluster.members.size()));
    switch (random.nextInt(20)) {
      case 0, 1 -> member.isCutOff = random.nextBoolean();
      case 2 -> {
        member.restart();
        cluster.connectAll();
      }
      case 3 -> cluster.loseSome(random);
      case 4 -> cluster.rounds(1 + random.nextInt(12));
      case 5 -> cluster.pass(random.nextLong(3 * HOUR_MILLIS));
      case 6, 7 -> {
        if (member.hasWork) {
          member.hasWork = false;
          member.on(new Event.Continue());
        }
      }
      case 8, 9, 10, 11, 12, 13 -> member.submit(submissions(random));
      default -> cluster.deliverSome(random);
    }
    cluster.pass(random.nextInt(200));
  }

  private static List<Submission> submissions(Random random) {
    var together = new ArrayList<Submission>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      together.add(new Submission(0, "client", Optional.empty(), RandomMutations.some(random)));
    }
    return together;
  }

  private static boolean isSettled(Cluster cluster, Cluster.Member reference) {
    return cluster.members.stream()
        .allMatch(it ->
            it.status().token().equals(reference.status().token())
                && !it.hasWork
                && isJoined(it.state));
  }

  private static boolean isJoined(MemoryState state) {
    return state.get(Table.META, new byte[] {'j'}).isEmpty();
  }
}
