package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.message.Token;
import io.starling.replica.port.MemoryState;
import io.starling.replica.request.Submission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Random histories: three to five members write in groups, answer to old reads, lose, repeat and
/// reorder messages, are cut off, start again, and are thrown back to an older copy of their store.
/// At every step equal sets of batches have equal digests; in the end all members have all batches
/// and read what the oracle reads.
class ConvergenceProperties {

  private record Copy(MemoryState state, Set<Witness.Seen> seen) {}

  private final Map<Cluster.Member, Copy> copies = new HashMap<>();

  @Property(tries = 150)
  void whateverHappensAllMembersComeToReadTheSame(@ForAll long seed) {
    var random = new Random(seed);
    var cluster = new Cluster(3 + random.nextInt(3));
    var witness = new Witness(cluster);
    copies.clear();
    boolean hasRollback = random.nextInt(3) == 0;
    for (int step = 0; step < 120; step++) {
      step(cluster, witness, random, hasRollback);
      cluster.members.forEach(witness::checkDigest);
    }
    heal(cluster, witness, hasRollback);
    cluster.members.forEach(witness::check);
    assertAlarms(cluster, hasRollback);
  }

  private void step(Cluster cluster, Witness witness, Random random, boolean hasRollback) {
    var member = witness.any(random);
    switch (random.nextInt(20)) {
      case 0 -> member.isCutOff = random.nextBoolean();
      case 1 -> restart(cluster, member);
      case 2 -> member.on(new Event.Tick());
      case 3 -> cluster.loseSome(random);
      case 4 -> cluster.rounds(1);
      case 5 -> copies.put(member, new Copy(member.state.copy(), Set.copyOf(witness.of(member))));
      case 6 -> {
        if (hasRollback && copies.containsKey(member)) {
          var copy = copies.get(member);
          member.state = copy.state.copy();
          witness.replaced(member, copy.seen);
          restart(cluster, member);
        }
      }
      case 7 -> witness.read(member);
      case 8, 9, 10, 11, 12 -> member.submit(submissions(witness, member, random));
      default -> cluster.deliverSome(random);
    }
    cluster.pass(random.nextInt(200));
  }

  private static void restart(Cluster cluster, Cluster.Member member) {
    member.restart();
    cluster.connectAll();
  }

  private static List<Submission> submissions(
      Witness witness, Cluster.Member member, Random random) {
    var together = new ArrayList<Submission>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      var mutations = RandomMutations.some(random);
      int read = random.nextInt(3 * witness.reads() + 1);
      Optional<Token> token =
          read < witness.reads() ? witness.token(read, member) : Optional.empty();
      var principal = token.isPresent() ? Witness.principal(read) : "client";
      together.add(new Submission(0, principal, token, mutations));
    }
    return together;
  }

  private static void heal(Cluster cluster, Witness witness, boolean hasRollback) {
    cluster.members.forEach(member -> member.isCutOff = false);
    cluster.connectAll();
    for (int round = 0; round < 40 && !isSettled(cluster); round++) {
      cluster.rounds(1);
    }
    var everywhere = new TreeSet<Witness.Seen>();
    cluster.members.forEach(member -> everywhere.addAll(witness.of(member)));
    for (var member : cluster.members) {
      assertThat(witness.of(member)).isEqualTo(everywhere);
      assertThat(member.status().token()).isEqualTo(cluster.member(0).status().token());
      assertThat(member.status().closed()).isEqualTo(cluster.member(0).status().closed());
      assertThat(member.status().digest()).isEqualTo(cluster.member(0).status().digest());
      // What a store thrown back had sent on without its own earlier batches waits for ever.
      assertThat(hasRollback || member.status().buffered() == 0).isTrue();
    }
  }

  private static boolean isSettled(Cluster cluster) {
    return cluster.members.stream()
        .allMatch(m -> m.status().token().equals(cluster.member(0).status().token()));
  }

  private static void assertAlarms(Cluster cluster, boolean hasRollback) {
    for (var alarm : cluster.alarms) {
      assertThat(alarm.kind()).as(alarm.message()).isEqualTo(Effect.Kind.LOST_TAIL);
      assertThat(hasRollback).as(alarm.message()).isTrue();
    }
  }
}
