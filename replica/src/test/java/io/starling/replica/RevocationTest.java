package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.Cluster.Member;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.message.Message;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Members whose key is revoked, in the midst of what they do.
class RevocationTest {

  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;
  private static final int D = 3;

  @Test
  void whatARevokedMemberWritesBeyondTheCutOffIsHeld() {
    var cluster = new Cluster(3);
    var revoked = cluster.member(C);
    revoked.commit(Cluster.add("s", "before"));
    cluster.deliverAll();
    var statement = cluster.member(A).revocation(revoked);
    cluster.member(A).hear(statement);
    cluster.member(B).hear(statement);
    revoked.commit(Cluster.add("s", "after"));
    cluster.rounds(3);
    assertElements(cluster.member(A), "before");
    assertElements(cluster.member(B), "before");
    assertElements(revoked, "before", "after");
    var status = cluster.member(A).status().revocation().revoked().getFirst();
    assertThat(status.key()).isEqualTo(revoked.key);
    assertThat(status.held()).isEqualTo(1);
    assertThat(status.beyond().getFirst().cut()).isEqualTo(1);
    assertThat(status.beyond().getFirst().applied()).isEqualTo(1);
    assertThat(cluster.alarmKinds()).containsOnly(Effect.Kind.BEYOND_CUT_OFF);
    // The others write on, and it is told nothing of that.
    cluster.member(A).commit(Cluster.add("s", "secret"));
    cluster.rounds(3);
    assertElements(cluster.member(B), "before", "secret");
    assertElements(revoked, "before", "after");
  }

  @Test
  void aRevokedMemberHearsNothingButWhatItIsAskedFor() {
    var cluster = new Cluster(3);
    var revoked = cluster.member(C);
    cluster.deliverAll();
    var statement = cluster.member(A).revocation(revoked);
    var told = List.of(cluster.member(A), cluster.member(B));
    told.forEach(member -> {
      member.hear(statement);
      member.effects.clear();
    });
    revoked.commit(Cluster.add("s", "after"));
    revoked.restart();
    cluster.connectAll();
    revoked.on(new Event.PeerUp(cluster.member(A).key));
    cluster.member(A).commit(Cluster.add("s", "secret"));
    cluster.rounds(5);
    for (var member : told) {
      for (var effect : member.effects) {
        if (effect instanceof Effect.Send(var to, var message) && to.contains(revoked.key)) {
          assertThat(message).isInstanceOf(Message.Pull.class);
        }
      }
    }
    assertThat(revoked.view("s")).isNotEqualTo(cluster.member(A).view("s"));
  }

  @Test
  void whatOneMemberHadAppliedBeforeItHeardStandsOnAll() {
    var cluster = new Cluster(4);
    var revoked = cluster.member(C);
    var other = cluster.member(B);
    cluster.deliverAll();
    var statement = cluster.member(A).revocation(revoked);
    revoked.side = 1;
    other.side = 1;
    cluster.member(A).hear(statement);
    cluster.member(D).hear(statement);
    revoked.commit(Cluster.add("s", "seen by one"));
    cluster.deliverAll();
    assertElements(other, "seen by one");
    other.hear(statement);
    revoked.commit(Cluster.add("s", "seen by none"));
    revoked.side = 0;
    other.side = 0;
    cluster.connectAll();
    cluster.rounds(5);
    assertEqual(cluster, revoked);
    assertElements(cluster.member(A), "seen by one");
    assertThat(cluster.member(D).status().revocation().revoked().getFirst().held()).isEqualTo(1);
    assertThat(
            cluster
                .member(D)
                .status()
                .revocation()
                .revoked()
                .getFirst()
                .beyond()
                .getFirst()
                .applied())
        .isEqualTo(1);
  }

  @Test
  void whatWasBuiltUponABatchBeyondTheCutOffCarriesIt() {
    var cluster = new Cluster(3);
    var revoked = cluster.member(C);
    var other = cluster.member(B);
    cluster.deliverAll();
    var statement = cluster.member(A).revocation(revoked);
    cluster.member(A).hear(statement);
    cluster.member(A).side = 1;
    revoked.commit(Cluster.increment("n", 5), Cluster.add("s", "x"));
    cluster.deliverAll();
    other.commit(Cluster.increment("n", 2), Cluster.add("s", "y"));
    cluster.deliverAll();
    revoked.commit(Cluster.increment("n", 100));
    // Of the revoked member's second batch only the author knows.
    cluster.loseAll();
    revoked.side = 2;
    cluster.member(A).side = 0;
    cluster.connectAll();
    cluster.rounds(5);
    assertThat(cluster.member(A).value("n")).isEqualTo(new Value.Int(7));
    assertElements(cluster.member(A), "x", "y");
    other.hear(statement);
    cluster.rounds(3);
    assertEqual(cluster, revoked);
    // The other had named it already; no batch was written only to say so.
    assertThat(other.applied()).filteredOn(it -> it.batch().operations() == 0).isEmpty();
  }

  @Test
  void ofTwoThatAreRevokedAtOnceNeitherVouchesForTheOther() {
    var cluster = new Cluster(4);
    var one = cluster.member(C);
    var two = cluster.member(D);
    cluster.deliverAll();
    var statements = List.of(cluster.member(A).revocation(one), cluster.member(A).revocation(two));
    for (var member : List.of(cluster.member(A), cluster.member(B))) {
      statements.forEach(member::hear);
    }
    one.commit(Cluster.add("s", "one"));
    cluster.deliverAll();
    two.commit(Cluster.add("s", "two"));
    cluster.deliverAll();
    one.commit(Cluster.add("s", "one again"));
    cluster.rounds(5);
    assertElements(two, "one", "two", "one again");
    for (var member : List.of(cluster.member(A), cluster.member(B))) {
      assertThat(member.view("s")).isInstanceOf(View.Absent.class);
      assertThat(member.status().revocation().revoked()).allMatch(it -> it.held() > 0);
    }
    // Both stand as soon as an honest member says so of the one whose batch names the other.
    assertThat(cluster.member(A).adopt(one)).isEqualTo(1);
    cluster.rounds(3);
    assertElements(cluster.member(B), "one");
    assertThat(cluster.member(B).adopt(two)).isEqualTo(1);
    cluster.rounds(3);
    assertElements(cluster.member(A), "one", "two");
    assertEqual(cluster, one, two);
  }

  @Test
  void aWitnessWhoseAuthorDiesStillCounts() {
    var cluster = new Cluster(4);
    var revoked = cluster.member(C);
    var witness = cluster.member(B);
    cluster.deliverAll();
    var statement = cluster.member(A).revocation(revoked);
    cluster.member(A).side = 1;
    cluster.member(A).hear(statement);
    cluster.member(D).hear(statement);
    revoked.commit(Cluster.add("s", "seen"));
    cluster.deliverAll();
    assertThat(cluster.member(D).view("s")).isInstanceOf(View.Absent.class);
    witness.hear(statement);
    cluster.rounds(3);
    // It reached one member before its author was gone for good, and the revoked one, too.
    witness.side = 2;
    revoked.side = 3;
    assertElements(cluster.member(D), "seen");
    cluster.member(A).side = 0;
    cluster.connectAll();
    cluster.rounds(5);
    assertElements(cluster.member(A), "seen");
    assertEqual(cluster, revoked, witness);
  }

  @Test
  void anHonestMemberThatWasRevokedWhileItWasAwayIsAdopted() {
    var cluster = new Cluster(3);
    var away = cluster.member(C);
    cluster.deliverAll();
    var statement = cluster.member(A).revocation(away);
    away.side = 1;
    cluster.member(A).hear(statement);
    cluster.member(B).hear(statement);
    for (int i = 0; i < 50; i++) {
      away.commit(Cluster.add("s", "write " + i), Cluster.increment("n", 1));
    }
    away.restart();
    away.commit(Cluster.add("s", "after a restart"));
    away.side = 0;
    cluster.connectAll();
    cluster.rounds(5);
    assertThat(cluster.member(B).view("s")).isInstanceOf(View.Absent.class);
    assertThat(cluster.member(B).status().revocation().revoked().getFirst().held()).isEqualTo(51);
    assertThat(cluster.member(B).adopt(away)).isEqualTo(51);
    cluster.rounds(5);
    assertThat(cluster.member(A).value("n")).isEqualTo(new Value.Int(50));
    assertThat(((View.Elements) cluster.member(A).view("s")).elements()).hasSize(51);
    assertEqual(cluster, away);
    assertThat(cluster.member(B).adopt(away)).isZero();
  }

  @Test
  void aForgedBatchOfTheSameNumberIsNotTakenForTheOneThatWasNamed() {
    var cluster = new Cluster(4);
    var thief = cluster.member(C);
    var witness = cluster.member(B);
    thief.commit(Cluster.add("s", "before"));
    cluster.deliverAll();
    var statement = cluster.member(A).revocation(thief);
    cluster.member(A).side = 1;
    cluster.member(D).side = 1;
    cluster.member(A).hear(statement);
    cluster.member(D).hear(statement);
    var earlier = thief.state.copy();
    thief.commit(Cluster.add("s", "genuine"));
    cluster.deliverAll();
    assertElements(witness, "before", "genuine");
    // The thief says something else to the other two, under the same number.
    thief.state = earlier;
    thief.restartAsBefore();
    thief.side = 1;
    cluster.connectAll();
    thief.commit(Cluster.add("s", "forged"));
    cluster.deliverAll();
    thief.side = 2;
    assertThat(cluster.member(D).status().revocation().revoked().getFirst().held()).isEqualTo(1);
    witness.hear(statement);
    cluster.member(A).side = 0;
    cluster.member(D).side = 0;
    cluster.connectAll();
    cluster.rounds(10);
    assertElements(cluster.member(A), "before", "genuine");
    assertElements(cluster.member(D), "before", "genuine");
    assertEqual(cluster, thief);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.FORK);
    cluster.member(A).commit(Cluster.add("s", "on"));
    cluster.rounds(3);
    assertElements(witness, "before", "genuine", "on");
  }

  @Test
  void manyIncarnationsBeyondTheCutOffCostLittle() {
    var cluster = new Cluster(2);
    var revoked = cluster.member(1);
    var member = cluster.member(0);
    var early = member.revocation(revoked);
    for (int i = 0; i < 400; i++) {
      revoked.commit(Cluster.add("s", "start " + i));
      cluster.rounds(1);
      revoked.restart();
      cluster.connectAll();
    }
    member.hear(early);
    cluster.rounds(3);
    // One batch names all of them.
    assertThat(member.applied()).filteredOn(it -> it.batch().operations() == 0).hasSize(1);
    assertThat(member.status().revocation().revoked().getFirst().held()).isZero();
  }

  @Test
  void ofSeveralCutOffsTheLowestCounts() {
    var cluster = new Cluster(3);
    var revoked = cluster.member(C);
    cluster.member(A).side = 1;
    var early = cluster.member(A).revocation(revoked);
    revoked.commit(Cluster.add("s", "x"));
    cluster.deliverAll();
    var late = cluster.member(B).revocation(revoked);
    cluster.member(A).hear(late);
    cluster.member(A).hear(early);
    revoked.side = 0;
    cluster.member(B).side = 2;
    cluster.member(A).side = 0;
    cluster.connectAll();
    cluster.rounds(3);
    assertThat(cluster.member(A).view("s")).isInstanceOf(View.Absent.class);
    cluster.member(B).side = 0;
    cluster.connectAll();
    cluster.rounds(3);
    assertThat(cluster.member(A).view("s")).isInstanceOf(View.Absent.class);
    cluster.member(B).hear(early);
    cluster.rounds(3);
    assertElements(cluster.member(A), "x");
    assertEqual(cluster, revoked);
  }

  @Test
  void moreThanTheBufferHoldsComesByState() {
    var cluster = new Cluster(4, smallBuffers());
    var revoked = cluster.member(C);
    cluster.deliverAll();
    var statement = cluster.member(A).revocation(revoked);
    cluster.member(A).side = 1;
    cluster.member(A).hear(statement);
    for (int i = 0; i < 200; i++) {
      revoked.commit(Cluster.add("s", "element " + i));
      cluster.deliverAll();
    }
    revoked.side = 2;
    cluster.member(B).hear(statement);
    cluster.member(D).hear(statement);
    cluster.rounds(3);
    cluster.member(A).side = 0;
    cluster.connectAll();
    cluster.rounds(60);
    assertThat(((View.Elements) cluster.member(A).view("s")).elements()).hasSize(200);
    assertEqual(cluster, revoked);
  }

  @Test
  void whatTheBufferGaveUpIsHeldNoMore() {
    var cluster = new Cluster(3, smallBuffers());
    var revoked = cluster.member(C);
    cluster.deliverAll();
    cluster.member(A).hear(cluster.member(A).revocation(revoked));
    for (int i = 0; i < 40; i++) {
      revoked.commit(Cluster.add("s", "element " + i));
      cluster.deliverAll();
      var status = cluster.member(A).status();
      assertThat(status.revocation().revoked().getFirst().held()).isEqualTo(status.buffered());
    }
    assertThat(cluster.member(A).status().buffered()).isBetween(1, 16);
  }

  @Test
  void whenAndWhereverItIsHeardAllEndEqual() {
    for (int seed = 0; seed < 300; seed++) {
      atRandom(seed);
    }
  }

  private static void atRandom(int seed) {
    var random = new Random(seed);
    int size = 3 + random.nextInt(3);
    var cluster = new Cluster(size);
    var revoked = List.of(cluster.member(size - 1), cluster.member(size - 2));
    var honest = IntStream.range(0, size - 2).mapToObj(cluster::member).toList();
    int count = random.nextInt(2) + 1;
    var statements =
        IntStream.range(0, count)
            .mapToObj(i -> honest.get(random.nextInt(honest.size())).revocation(revoked.get(i)))
            .toList();
    for (int step = 0; step < 150; step++) {
      var member = cluster.member(random.nextInt(size));
      switch (random.nextInt(12)) {
        case 0, 1 -> member.commit(Cluster.add("s", "e" + step), Cluster.increment("n", 1));
        case 2 -> member.side = random.nextInt(3);
        case 3 -> cluster.connectAll();
        case 4 -> honest.get(random.nextInt(honest.size())).hear(statements.getFirst());
        case 5 -> honest.get(random.nextInt(honest.size())).hear(statements.getLast());
        case 6 -> {
          member.restart();
          cluster.connectAll();
        }
        case 7 -> cluster.rounds(1);
        default -> cluster.deliverSome(random);
      }
    }
    cluster.members.forEach(member -> member.side = 0);
    cluster.connectAll();
    honest.forEach(member -> statements.forEach(member::hear));
    cluster.connectAll();
    cluster.rounds(12);
    var first = honest.getFirst();
    for (var member : honest) {
      assertThat(member.status().digest()).as("seed %d", seed).isEqualTo(first.status().digest());
      assertThat(member.status().active()).as("seed %d", seed).isEqualTo(first.status().active());
      StateCheck.holds(member);
    }
    assertThat(cluster.alarmKinds()).as("seed %d", seed).isSubsetOf(Effect.Kind.BEYOND_CUT_OFF);
  }

  private static Limits smallBuffers() {
    var limits = Limits.DEFAULT;
    return new Limits(
        limits.transactionOperations(),
        limits.transactionBytes(),
        limits.valueBytes(),
        limits.clearedCells(),
        16,
        2_000,
        limits.tick(),
        limits.round(),
        limits.drift(),
        new LogRetention(1L << 30, Duration.ofDays(30), Duration.ofDays(1)));
  }

  private static void assertElements(Member member, String... elements) {
    assertThat(((View.Elements) member.view("s")).elements())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(elements).<Value>map(Value.Text::new).toList());
  }

  private static void assertEqual(Cluster cluster, Member... without) {
    var out = List.of(without);
    var all = cluster.members.stream().filter(it -> !out.contains(it)).toList();
    for (var member : all) {
      assertThat(member.status().digest()).isEqualTo(all.getFirst().status().digest());
      assertThat(member.status().active()).isEqualTo(all.getFirst().status().active());
      StateCheck.holds(member);
    }
  }
}
