package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Encoder;
import io.starling.replica.catchup.Proof;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import io.starling.replica.request.Submission;
import io.starling.replica.state.StoredSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/// Convergence by log and by state give the same: members lose their logs at any time, are cut off,
/// killed and started again, while messages are lost, repeated and reordered. In the end all are
/// equal to one who has taken every batch by itself, as it was written.
class CatchUpProperties {

  @Property(tries = 300)
  void byLogAndByStateAllComeToTheSame(@ForAll long seed) {
    var random = new Random(seed);
    var cluster = new Cluster(2 + random.nextInt(3));
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
    for (int round = 0; round < 200 && !isSettled(cluster, reference); round++) {
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
        .collect(count(cluster) > 0)
        .coverage(it -> it.check(true).percentage(share -> share > 30));
  }

  private static long count(Cluster cluster) {
    return cluster.members.stream()
        .flatMap(member -> member.sent(Message.Transferred.class).stream())
        .filter(sent -> sent.transfer() instanceof Transfer.Page)
        .count();
  }

  private static void step(Cluster cluster, Random random) {
    var member = cluster.member(random.nextInt(cluster.members.size()));
    switch (random.nextInt(22)) {
      case 0 -> member.isCutOff = random.nextBoolean();
      case 1 -> {
        member.restart();
        cluster.connectAll();
      }
      case 2 -> member.on(new Event.Tick());
      case 3 -> cluster.loseSome(random);
      case 4 -> cluster.rounds(1);
      case 5, 6 -> loseLog(cluster, member);
      case 7, 8 -> {
        if (member.hasWork) {
          member.hasWork = false;
          member.on(new Event.Continue());
        }
      }
      case 9, 10, 11, 12 -> member.submit(submissions(random));
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

  /// Takes from a log what some other member has applied.
  private static void loseLog(Cluster cluster, Cluster.Member member) {
    var elsewhere = new TreeMap<ReplicaId, Long>();
    for (var other : cluster.members) {
      if (other != member) {
        new StoredSpace(other.state)
            .heads()
            .forEach(head -> elsewhere.merge(head.replica(), head.seq(), Math::max));
      }
    }
    var gone = new ArrayList<Changes.Write>();
    for (var head : new StoredSpace(member.state).heads()) {
      long last = Math.min(head.seq(), elsewhere.getOrDefault(head.replica(), 0L));
      for (long seq = 1; seq <= last; seq++) {
        gone.add(new Changes.Write(Table.LOG, logKey(head.number(), seq), Optional.empty()));
      }
    }
    member.state.persist(new Changes(gone));
  }

  private static byte[] logKey(int number, long seq) {
    return new Encoder(16).u32(number).u64(seq).toBytes();
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
