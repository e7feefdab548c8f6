package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.status.SpaceStatus.DigestCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AntiEntropyTest {

  private static final Operation ENABLE = new Operation.Enable(Path.of("f"));
  private static final int ROUND_TICKS =
      (int) (Limits.DEFAULT.round().toMillis() / Limits.DEFAULT.tick().toMillis());

  @Test
  void claimsThatNobodyCanMakeGoodCostOnePullARound() {
    var cluster = new Cluster(2);
    var liar = cluster.member(1);
    cluster.rounds(2);
    var honest = cluster.member(0);
    honest.effects.clear();
    int rounds = 20;
    for (int i = 0; i < rounds; i++) {
      honest.hear(liar, beacon(honest, liar, List.of(new Token.Prefix(ghost(i), 1L << 60, 7))));
      cluster.rounds(1);
    }
    assertThat(honest.sent(Message.Pull.class).size()).isBetween(rounds / 2, rounds + 1);
  }

  /// What follows a batch of which a member says that it has another is asked for again, from all,
  /// to find out where they part. If nobody has another, that lasts, and the answers are full.
  @Test
  void aWordOfAnotherBatchKeepsNobodyFromWhatIsMissing() {
    var cluster = new Cluster(3, limits(1_000, 600));
    var author = cluster.member(0);
    var late = cluster.member(1);
    var liar = cluster.member(2);
    for (int i = 0; i < 40; i++) {
      late.isCutOff = i >= 20;
      author.commit(Cluster.increment("n", 1));
      cluster.deliverAll();
    }
    late.isCutOff = false;
    for (int i = 0; i < 20; i++) {
      late.hear(liar, beacon(late, liar, List.of(new Token.Prefix(author.self(), 10, 7))));
      cluster.rounds(1);
    }
    assertThat(late.status().token()).isEqualTo(author.status().token());
  }

  @Test
  void aBatchWhoseCausesNeverCameToBeCostsOnePullARound() {
    var cluster = new Cluster(2);
    var honest = cluster.member(0);
    honest.hear(
        cluster.member(1),
        Forgery.by(cluster.member(1).self())
            .seeing(Forgery.nowhere(ghost(1), 5))
            .doing(ENABLE)
            .sign());
    cluster.rounds(20);
    assertThat(honest.sent(Message.Pull.class).size()).isLessThanOrEqualTo(21);
    assertThat(honest.status().buffered()).isEqualTo(1);
  }

  @Test
  void whatAPeerClaimsIsForgottenWhenItsLinkComesUpAnew() {
    var cluster = new Cluster(2);
    var honest = cluster.member(0);
    var liar = cluster.member(1);
    honest.hear(liar, beacon(honest, liar, List.of(new Token.Prefix(ghost(1), 9, 7))));
    assertThat(honest.status().peers().getFirst().ahead()).isEqualTo(9);
    honest.on(new Event.PeerUp(liar.key));
    assertThat(honest.status().peers().getFirst().ahead()).isZero();
  }

  @Test
  void endlessClaimsOfReplicasThatAreNotAreBounded() {
    var cluster = new Cluster(2);
    var honest = cluster.member(0);
    var liar = cluster.member(1);
    for (int i = 0; i < 12; i++) {
      var moved = new ArrayList<Token.Prefix>();
      for (int ghost = 0; ghost < 1_000; ghost++) {
        moved.add(new Token.Prefix(ghost(i * 1_000 + ghost), 1, 7));
      }
      honest.hear(liar, beacon(honest, liar, moved));
    }
    assertThat(honest.status().peers().getFirst().ahead()).isLessThanOrEqualTo(4_096);
  }

  @Test
  void aBeaconThatWasOvertakenIsNoMismatch() {
    var cluster = new Cluster(3);
    var a = cluster.member(0);
    var b = cluster.member(1);
    cluster.rounds(2);
    a.commit(Cluster.set("k", "1"));
    cluster.deliverAll();
    var early = beacon(b);
    a.commit(Cluster.set("k", "2"));
    cluster.deliverAll();
    var late = beacon(b);
    a.hear(b, late);
    a.hear(b, early);
    assertThat(cluster.alarms).isEmpty();
    assertThat(digestOf(a, b)).isEqualTo(DigestCheck.EQUAL);
  }

  @Test
  void anUnequalDigestAtEqualVectorsIsAnAlarm() {
    var cluster = new Cluster(2);
    cluster.member(0).commit(Cluster.set("k", "1"));
    cluster.deliverAll();
    var a = cluster.member(0);
    var b = cluster.member(1);
    b.state.persist(
        new Changes(
            List.of(new Changes.Write(Table.META, new byte[] {'d'}, Optional.of(new byte[24])))));
    b.restart();
    a.hear(b, beacon(b));
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.DIGEST_MISMATCH);
    assertThat(digestOf(a, b)).isEqualTo(DigestCheck.UNEQUAL);
  }

  @Test
  void aBeaconThatAnotherPeerRepeatsTellsNothing() {
    var cluster = new Cluster(3);
    var a = cluster.member(0);
    var b = cluster.member(1);
    var c = cluster.member(2);
    cluster.loseAll();
    a.hear(c, beacon(b));
    for (var peer : a.status().peers()) {
      assertThat(peer.heardMillis()).isZero();
    }
    a.hear(b, beacon(b));
    assertThat(a.status().peers().stream().filter(p -> p.heardMillis() > 0)).hasSize(1);
  }

  @Test
  void aBatchThatAnotherPeerRelaysDoesNotMakeItsAuthorHeard() {
    var cluster = new Cluster(3);
    var b = cluster.member(1);
    b.commit(Cluster.set("k", "1"));
    cluster.loseAll();
    cluster.member(0).hear(cluster.member(2), b.last());
    assertThat(cluster.member(0).status().peers().getFirst().heardMillis()).isZero();
    assertThat(cluster.member(0).value("k").toString()).contains("1");
  }

  @Test
  void anAnswerOfManyMoreBatchesThanTheBufferHoldsIsTakenWhole() {
    var limits = limits(4, 768 * 1024);
    var cluster = new Cluster(2, limits);
    var source = cluster.member(0);
    cluster.deliverAll();
    source.isCutOff = true;
    for (int i = 0; i < 500; i++) {
      source.commit(Cluster.add("s", "e" + i));
    }
    source.isCutOff = false;
    cluster.connectAll();
    cluster.deliverAll();
    assertThat(cluster.member(1).status().digest()).isEqualTo(source.status().digest());
    assertThat(cluster.member(1).sent(Message.Pull.class)).hasSize(1);
  }

  @Test
  void anAnswerWhosePartsOvertakeEachOtherGoesOnAllTheSame() {
    // A long answer is cut into frames; what its last one brings may have come by then.
    var cluster = new Cluster(2);
    var source = cluster.member(0);
    var asker = cluster.member(1);
    cluster.deliverAll();
    source.isCutOff = true;
    for (int i = 0; i < 3; i++) {
      source.commit(Cluster.add("s", "e" + i));
    }
    var batches = source.applied();
    asker.on(new Event.PeerUp(source.key));
    asker.hear(source, beacon(source));
    assertThat(asker.sent(Message.Pull.class)).hasSize(1);
    asker.hear(source, batches.get(0), batches.get(1));
    asker.hear(
        source, new Message.Batches(Cluster.MAIN, List.of(batches.get(1)), Message.Part.MORE));
    assertThat(asker.sent(Message.Pull.class)).hasSize(2);
  }

  @Test
  void anAnswerThatIsStillComingIsNotAskedForAgain() {
    var cluster = new Cluster(2);
    var source = cluster.member(0);
    var asker = cluster.member(1);
    cluster.deliverAll();
    var batches = write(source, 12);
    asker.on(new Event.PeerUp(source.key));
    asker.hear(source, beacon(source));
    int count = 0;
    for (var batch : batches) {
      ticks(asker, ROUND_TICKS - 1);
      count++;
      var part = count == batches.size() ? Message.Part.LAST : Message.Part.FRESH;
      asker.hear(source, new Message.Batches(Cluster.MAIN, List.of(batch), part));
    }
    assertThat(asker.sent(Message.Pull.class)).hasSize(1);
    ticks(asker, 3 * ROUND_TICKS);
    assertThat(asker.sent(Message.Pull.class)).hasSize(1);
    assertThat(asker.status().active()).isEqualTo(source.status().active());
  }

  @Test
  void anAnswerOfWhichNothingComesAnyMoreIsAskedForAgainAfterARound() {
    var cluster = new Cluster(2);
    var source = cluster.member(0);
    var asker = cluster.member(1);
    cluster.deliverAll();
    var batches = write(source, 3);
    asker.on(new Event.PeerUp(source.key));
    asker.hear(source, beacon(source));
    ticks(asker, ROUND_TICKS - 1);
    asker.hear(source, batches.getFirst());
    ticks(asker, ROUND_TICKS - 1);
    assertThat(asker.sent(Message.Pull.class)).hasSize(1);
    // The same again is no sign that more is coming.
    asker.hear(source, batches.getFirst());
    ticks(asker, 1);
    assertThat(asker.sent(Message.Pull.class)).hasSize(2);
  }

  @Test
  void whatAPeerGoesOnWritingDoesNotPassForTheAnswer() {
    var cluster = new Cluster(2);
    var source = cluster.member(0);
    var asker = cluster.member(1);
    cluster.deliverAll();
    asker.on(new Event.PeerUp(source.key));
    asker.hear(source, beacon(asker, source, List.of(new Token.Prefix(ghost(1), 5, 7))));
    assertThat(asker.sent(Message.Pull.class)).hasSize(1);
    var fresh = Forgery.by(source.self()).doing(ENABLE).sign();
    for (int tick = 1; tick <= ROUND_TICKS; tick++) {
      asker.hear(source, fresh);
      fresh = Forgery.after(fresh).doing(ENABLE).sign();
      ticks(asker, 1);
    }
    assertThat(asker.status().active().seq(source.self())).isEqualTo(ROUND_TICKS);
    assertThat(asker.sent(Message.Pull.class)).hasSize(2);
  }

  @Test
  void twoThatMeetAnnounceThemselvesOnce() {
    var cluster = new Cluster(2);
    var source = cluster.member(0);
    var asker = cluster.member(1);
    cluster.deliverAll();
    source.isCutOff = true;
    write(source, 3);
    asker.commit(Cluster.set("k", "1"));
    source.isCutOff = false;
    cluster.members.forEach(member -> member.effects.clear());
    cluster.connectAll();
    cluster.deliverAll();
    for (var member : cluster.members) {
      assertThat(member.sent(Message.Announcement.class)).hasSize(1);
      assertThat(member.sent(Message.Pull.class)).hasSize(1);
    }
    assertThat(asker.status().active()).isEqualTo(source.status().active());
  }

  @Test
  void whatIsNewSinceItWasAnnouncedIsToldAtOnce() {
    var cluster = new Cluster(2);
    var source = cluster.member(0);
    var asker = cluster.member(1);
    cluster.deliverAll();
    write(source, 1);
    cluster.loseAll();
    source.effects.clear();
    source.hear(asker, beacon(asker));
    assertThat(source.sent(Message.Announcement.class)).hasSize(1);
  }

  /// Writes that reach nobody.
  private static List<SignedBatch> write(Cluster.Member member, int count) {
    member.isCutOff = true;
    int before = member.applied().size();
    for (int i = 0; i < count; i++) {
      member.commit(Cluster.add("s", "e" + i));
    }
    return member.applied().subList(before, before + count);
  }

  private static void ticks(Cluster.Member member, int count) {
    for (int i = 0; i < count; i++) {
      member.on(new Event.Tick());
    }
  }

  @Test
  void anAnswerIsSplitByBytesAndGoesOnAtOnce() {
    var cluster = new Cluster(2, limits(1_024, 2_000));
    var source = cluster.member(0);
    cluster.deliverAll();
    source.isCutOff = true;
    for (int i = 0; i < 100; i++) {
      source.commit(Cluster.add("s", "e" + i));
    }
    source.isCutOff = false;
    cluster.connectAll();
    cluster.deliverAll();
    assertThat(cluster.member(1).status().digest()).isEqualTo(source.status().digest());
    var answers =
        source.sent(Message.Batches.class).stream()
            .filter(m -> m.part() != Message.Part.FRESH)
            .toList();
    assertThat(answers.size()).isGreaterThan(5);
    assertThat(answers.subList(0, answers.size() - 1)).allMatch(m -> m.part() == Message.Part.MORE);
    assertThat(answers.getLast().part()).isEqualTo(Message.Part.LAST);
    for (var answer : answers) {
      int bytes = answer.batches().stream().mapToInt(b -> b.bytes()).sum();
      assertThat(answer.batches().size() == 1 || bytes <= 2_000).isTrue();
    }
  }

  /// Found by simulation with answers of one batch: each had closed an incarnation whose log is
  /// longer than an answer, and the other, which had not seen that close, took the incarnation that
  /// the pull left out for one that was never seen, and sent it again from its first batch.
  @Test
  void twoThatStartedAnewWhileApartFindTogether() {
    var cluster = new Cluster(2, limits(1_024, 2_000));
    var pair = cluster.members;
    for (int i = 0; i < 30; i++) {
      pair.forEach(member -> member.commit(Cluster.increment("n", 1)));
    }
    cluster.rounds(2);
    pair.forEach(member -> member.isCutOff = true);
    for (var member : pair) {
      member.restart();
      member.commit(Cluster.increment("n", 1));
    }
    pair.forEach(member -> member.isCutOff = false);
    cluster.connectAll();
    cluster.rounds(4);
    assertThat(pair.get(0).status().token()).isEqualTo(pair.get(1).status().token());
    assertThat(pair.get(0).status().digest()).isEqualTo(pair.get(1).status().digest());
    assertThat(pair).allMatch(member -> member.status().buffered() == 0);
  }

  @Test
  void closedReplicasAreNotNamedToAPeerThatHasClosedTheSame() {
    var cluster = new Cluster(2);
    var writer = cluster.member(0);
    for (int start = 0; start < 5; start++) {
      writer.commit(Cluster.increment("n", 1));
      writer.restart();
      cluster.connectAll();
    }
    writer.commit(Cluster.increment("n", 1));
    cluster.rounds(3);
    writer.isCutOff = true;
    writer.commit(Cluster.increment("n", 1));
    writer.isCutOff = false;
    cluster.rounds(3);
    var pulls = cluster.member(1).sent(Message.Pull.class);
    assertThat(pulls.getLast().have().heads()).hasSize(1);
    assertThat(cluster.member(1).status().token()).isEqualTo(writer.status().token());
  }

  @Test
  void whereTheLogWasCutItIsSaidAndTheStateIsTakenOver() {
    var cluster = new Cluster(2);
    var source = cluster.member(0);
    cluster.deliverAll();
    source.isCutOff = true;
    for (int i = 0; i < 5; i++) {
      source.commit(Cluster.add("s", "e" + i));
    }
    cutLog(source, 3);
    source.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(5);
    var late = cluster.member(1);
    assertThat(cluster.alarmKinds())
        .containsExactly(Effect.Kind.BEHIND_LOG, Effect.Kind.UNATTESTED);
    assertThat(cluster.alarms.getFirst().message())
        .contains("has batches of " + source.self() + " only from 4 on")
        .contains("this node has them up to 0")
        .contains("takes over that peer's state instead");
    assertThat(late.sent(Message.Pull.class)).hasSize(1);
    assertThat(late.status().active()).isEqualTo(source.status().active());
    assertThat(late.status().digest()).isEqualTo(source.status().digest());
  }

  @Test
  void nobodyIsBehindWhoDidNotAsk() {
    var cluster = new Cluster(2);
    var a = cluster.member(0);
    a.hear(cluster.member(1), new Message.Behind(Cluster.MAIN, ghost(1), 5));
    assertThat(cluster.alarms).isEmpty();
  }

  private static void cutLog(Cluster.Member member, int count) {
    var cut = new ArrayList<Changes.Write>();
    member.state.scan(
        Table.LOG,
        new byte[0],
        new byte[0],
        (key, _) ->
            cut.add(new Changes.Write(Table.LOG, key, Optional.empty())) && cut.size() < count);
    member.state.persist(new Changes(cut));
  }

  private static DigestCheck digestOf(Cluster.Member at, Cluster.Member peer) {
    return at.status().peers().stream()
        .filter(p -> p.key().equals(peer.key))
        .findFirst()
        .orElseThrow()
        .digest();
  }

  /// What a member says of itself now.
  private static Message.Announcement beacon(Cluster.Member member) {
    member.on(new Event.PeerUp(member.key));
    var said = member.sent(Message.Announcement.class).getLast();
    member.on(new Event.PeerDown(member.key));
    return said;
  }

  private static Message.Announcement beacon(
      Cluster.Member to, Cluster.Member from, List<Token.Prefix> moved) {
    var honest = beacon(from).beacon().beacon();
    var forged =
        new Beacon(
            honest.space(),
            honest.author(),
            honest.head(),
            moved,
            honest.closed(),
            honest.digest(),
            honest.cells(),
            honest.time(),
            to.now().toEpochMilli());
    return new Message.Announcement(new SignedBeacon(forged, forged.toBytes(), new byte[64]));
  }

  private static ReplicaId ghost(long number) {
    return new ReplicaId(new KeyFingerprint(77, 77), number);
  }

  static Limits limits(int bufferedBatches, int pullBytes) {
    return new Limits(
        10_000,
        768 * 1024,
        512 * 1024,
        100_000,
        bufferedBatches,
        pullBytes,
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(60));
  }
}
