package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.value.Value;
import io.starling.replica.Cluster.Member;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.StoredSpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Donors and confirming members that lie, die or are slow, and joiners whose own store is damaged.
class CatchUpAttackTest {

  private static final Duration TICK = Duration.ofMillis(100);

  /// The sum of all cells can be steered by whoever picks enough of them: 128 cells are altered
  /// together so that their sum is what it was.
  @Test
  void aDonorThatAltersManyCellsSoThatTheirSumStaysIsFoundOut() {
    var cluster = new Cluster(3);
    var donor = cluster.member(0);
    var joiner = cluster.member(2);
    joiner.isCutOff = true;
    for (int i = 0; i < SteeredSum.CELLS; i++) {
      donor.commit(Cluster.set("k/" + i, SteeredSum.PLACE));
    }
    cluster.deliverAll();
    var names = new ArrayList<byte[]>();
    var honest = new ArrayList<byte[]>();
    for (int i = 0; i < SteeredSum.CELLS; i++) {
      names.add(name("k/" + i));
      honest.add(content(donor, "k/" + i));
    }
    var forged = SteeredSum.of(names, honest);
    donor.forgery = pages(rows -> rows.stream().map(row -> replaced(row, names, forged)).toList());
    truncateAndMeet(cluster, donor, joiner);
    cluster.rounds(100);
    assertThat(joiner.status().digest()).isEqualTo(donor.status().digest());
    assertThat(joiner.value("k/0")).isEqualTo(new Value.Text(SteeredSum.PLACE));
  }

  private static Row replaced(Row row, List<byte[]> names, List<byte[]> forged) {
    if (row instanceof Row.CellRow(var name, _, _, _)) {
      for (int i = 0; i < names.size(); i++) {
        if (Arrays.equals(names.get(i), name)) {
          return new Row.CellRow(name, forged.get(i), false);
        }
      }
    }
    return row;
  }

  /// A cell rotted here; the donor has changed the same one since.
  @Test
  void anHonestDonorIsNotNamedForWhatIsDamagedHere() {
    var cluster = new Cluster(3);
    var joiner = cluster.member(2);
    fill(cluster, 50);
    cluster.rounds(2);
    joiner.isCutOff = true;
    cluster.member(0).commit(Cluster.set("k/3", "new"));
    cluster.deliverAll();
    var other = joiner.state.get(Table.CELLS, name("k/4")).orElseThrow();
    joiner.state.persist(
        new Changes(List.of(new Changes.Write(Table.CELLS, name("k/3"), Optional.of(other)))));
    cluster.member(0).loseLog();
    cluster.member(1).loseLog();
    back(cluster, joiner);
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
  }

  /// It claims batches that do not exist, and is asked first.
  @Test
  void oneMemberCannotKeepTheOthersFromConfirming() {
    var cluster = new Cluster(4);
    var liar = cluster.member(0);
    var joiner = cluster.member(3);
    joiner.isCutOff = true;
    fill(cluster, 50);
    liar.forgery =
        transfers(transfer ->
            switch (transfer) {
              case Transfer.Offer _ ->
                  new Transfer.Refused(Transfer.Reason.BUSY, "it gives its state to others");
              case Transfer.Compared(
                      var now,
                      var digest,
                      var heads,
                      var from,
                      var hashes,
                      var branches) ->
                  new Transfer.Compared(further(now), digest, heads, from, hashes, branches);
              default -> transfer;
            });
    for (int i = 0; i < 3; i++) {
      cluster.member(i).loseLog();
    }
    back(cluster, joiner);
    cluster.rounds(300);
    assertThat(joiner.value("k/7")).isEqualTo(new Value.Text("v7"));
  }

  private static Token further(Token now) {
    return new Token(
        Cluster.MAIN,
        now.heads().stream()
            .map(head -> new Token.Prefix(head.replica(), head.seq() + 1, head.hash()))
            .toList());
  }

  /// What came before the offer fills the buffer; what was written after it finds no room.
  @Test
  void aFullBufferDoesNotKeepAStageFromBeingConfirmed() {
    var few =
        new Limits(
            10_000,
            768 * 1024,
            512 * 1024,
            100_000,
            8,
            768 * 1024,
            TICK,
            Duration.ofSeconds(1),
            Duration.ofSeconds(60));
    var cluster = new Cluster(3, few);
    var writer = cluster.member(0);
    var donor = cluster.member(1);
    var joiner = cluster.member(2);
    joiner.isCutOff = true;
    fill(cluster, 50);
    writer.loseLog();
    donor.loseLog();
    cluster.loseAll();
    joiner.isCutOff = false;
    cluster.connectAll();
    for (int i = 0; i < 20; i++) {
      writer.commit(Cluster.set("early/" + i, "x"));
    }
    for (int i = 0; i < 4_000; i++) {
      writer.commit(Cluster.set("late/" + i % 9, "v" + i));
      for (int step = 0; step < 6; step++) {
        cluster.step();
      }
    }
    assertThat(joiner.value("k/7")).isEqualTo(new Value.Text("v7"));
  }

  /// What it names of `_system` will never be here, so the stage can never go live.
  @Test
  void aStageThatNeverGoesLiveIsGivenUp() {
    var cluster = new Cluster(2);
    var donor = cluster.member(0);
    var joiner = cluster.member(1);
    joiner.system = Optional.of(new NoSystem());
    joiner.restart();
    cluster.connectAll();
    joiner.isCutOff = true;
    donor.commit(Cluster.set("k", "v"));
    cluster.deliverAll();
    var ghost =
        VersionVector.of(new TreeMap<>(Map.of(new ReplicaId(new KeyFingerprint(66, 6), 6), 1L)));
    donor.forgery =
        pages(rows ->
            rows.stream()
                .map(row ->
                    row instanceof Row.HeadRow head
                        ? new Row.HeadRow(
                            head.replica(),
                            head.seq(),
                            head.hash(),
                            head.time(),
                            head.context(),
                            ghost)
                        : row)
                .toList());
    donor.loseLog();
    back(cluster, joiner);
    donor.forgery = UnaryOperator.identity();
    cluster.rounds(200);
    assertThat(joiner.value("k")).isEqualTo(new Value.Text("v"));
  }

  /// What a liar has sent must not be what the next session builds upon.
  @Test
  void whatALiarHasSentIsDroppedBeforeAnotherIsAsked() {
    var cluster = new Cluster(3);
    var donor = cluster.member(0);
    var joiner = cluster.member(2);
    joiner.isCutOff = true;
    fill(cluster, 50);
    byte[] forged = content(donor, "k/8");
    donor.forgery =
        pages(rows ->
            rows.stream()
                .map(row -> replaced(row, List.of(name("k/7")), List.of(forged)))
                .toList());
    truncateAndMeet(cluster, donor, joiner);
    cluster.rounds(60);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.DONOR_FAULT);
    var asks =
        joiner.sent(Message.Transferred.class).stream()
            .map(Message.Transferred::transfer)
            .filter(Transfer.Ask.class::isInstance)
            .toList();
    assertThat(asks).hasSizeGreaterThan(1).allMatch(new Transfer.Ask(List.of(), true)::equals);
  }

  /// Looking at all cells takes longer than anybody waits for a sign of life: here 2 000 cells a
  /// tick, elsewhere as many more as that machine is faster.
  @Test
  void aLargeStateIsTakenOverThoughLookingAtItTakesAWhile() {
    var cluster = new Cluster(3);
    var donor = cluster.member(0);
    var joiner = cluster.member(2);
    for (int batch = 0; batch < 13; batch++) {
      var sets = new ArrayList<Mutation>();
      for (int i = 0; i < 10_000; i++) {
        sets.add(Cluster.add("s/" + i % 100, batch + "." + i));
      }
      donor.commit(sets.toArray(Mutation[]::new));
    }
    cluster.deliverAll();
    cluster.rounds(2);
    joiner.isCutOff = true;
    donor.commit(Cluster.set("k", "v"));
    cluster.deliverAll();
    donor.loseLog();
    cluster.member(1).loseLog();
    cluster.loseAll();
    joiner.isCutOff = false;
    cluster.connectAll();
    for (int tick = 0; tick < 2_000 && joiner.status().active().seq(donor.self()) < 14; tick++) {
      cluster.pass(TICK.toMillis());
      for (var member : cluster.members) {
        for (int left = member.inbox.size(); left > 0; left--) {
          var next = member.inbox.remove();
          member.on(new Event.Arrived(next.from(), List.of(next.message())));
        }
        member.on(new Event.Continue());
        member.on(new Event.Tick());
      }
    }
    assertThat(joiner.value("k")).isEqualTo(new Value.Text("v"));
  }

  /// It makes its own digest up; whom it blames is what it wants.
  @Test
  void oneMemberAloneDoesNotMakeAnHonestDonorFaulty() {
    var cluster = new Cluster(4);
    var liar = cluster.member(1);
    var joiner = cluster.member(3);
    joiner.isCutOff = true;
    fill(cluster, 20);
    cluster.members.subList(0, 3).forEach(Member::loseLog);
    liar.forgery =
        message ->
            message instanceof Message.Transferred(var space, long session, var transfer)
                    && transfer
                        instanceof
                        Transfer.Compared(
                            var now,
                            var cells,
                            var heads,
                            var from,
                            var hashes,
                            var branches)
                ? new Message.Transferred(
                    space,
                    session,
                    new Transfer.Compared(
                        now, cells.plus(new CellDigest(1, 1)), heads, from, hashes, branches))
                : message;
    back(cluster, joiner);
    cluster.rounds(30);
    assertThat(joiner.value("k/7")).isEqualTo(new Value.Text("v7"));
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
  }

  /// The second has the word of the first alone, so it confirms nothing to the third before its
  /// operator says so.
  @Test
  void aClusterOfTwoGrowsToThreeWhereItsOperatorSaysSo() {
    var cluster = new Cluster(2);
    var first = cluster.member(0);
    cluster.member(1).isCutOff = true;
    first.commit(Cluster.set("k", "v"));
    cluster.deliverAll();
    first.loseLog();
    back(cluster, cluster.member(1));
    assertThat(cluster.member(1).value("k")).isEqualTo(new Value.Text("v"));
    var third = cluster.new Member(2);
    cluster.members.add(third);
    cluster.connectAll();
    cluster.rounds(100);
    assertThat(third.value("k")).isEqualTo(new Value.Null());
    assertThat(cluster.alarms)
        .anyMatch(alarm -> alarm.message().contains("was not taken over, for no third member"));
    cluster.proof = Proof.WAIVED;
    cluster.member(1).restart();
    cluster.connectAll();
    cluster.rounds(100);
    assertThat(third.value("k")).isEqualTo(new Value.Text("v"));
  }

  /// One was away for long, another lost its disk for good: nobody but the donor has it all, and so
  /// nobody can confirm it.
  @Test
  void whatOneMemberAloneHasComesToTheOthersWhereProofIsPreferred() {
    var cluster = new Cluster(3);
    cluster.proof = Proof.PREFERRED;
    cluster.members.forEach(Member::restart);
    cluster.connectAll();
    var donor = cluster.member(0);
    var away = cluster.member(2);
    away.isCutOff = true;
    fill(cluster, 20);
    donor.loseLog();
    cluster.members.remove(1);
    cluster.members.add(cluster.new Member(7));
    away.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(200);
    assertThat(away.value("k/7")).isEqualTo(new Value.Text("v7"));
  }

  @Test
  void whatARefusedDonorHasNamedIsForgotten() {
    var cluster = new Cluster(2);
    var donor = cluster.member(0);
    var joiner = cluster.member(1);
    joiner.isCutOff = true;
    donor.commit(Cluster.set("k", "v"));
    cluster.deliverAll();
    donor.loseLog();
    donor.forgery = pages(CatchUpAttackTest::withGhosts);
    back(cluster, joiner);
    cluster.rounds(60);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.DONOR_FAULT);
    int[] rows = {0};
    joiner.state.scan(Table.META, new byte[0], new byte[0], (_, _) -> ++rows[0] > 0);
    assertThat(rows[0]).isLessThan(500);
  }

  private static List<Row> withGhosts(List<Row> rows) {
    var all = new ArrayList<Row>();
    for (int i = 0; i < 500; i++) {
      all.add(
          new Row.HeadRow(
              new ReplicaId(new KeyFingerprint(66, 6), i),
              1,
              ChainHash.ROOT,
              HybridTime.ZERO,
              VersionVector.EMPTY,
              VersionVector.EMPTY));
    }
    all.addAll(rows);
    return all;
  }

  private static UnaryOperator<Message> pages(UnaryOperator<List<Row>> forgery) {
    return transfers(transfer ->
        transfer instanceof Transfer.Page(long page, var rows, boolean isLast, _)
            ? new Transfer.Page(page, forgery.apply(rows), isLast)
            : transfer);
  }

  private static UnaryOperator<Message> transfers(UnaryOperator<Transfer> forgery) {
    return message ->
        message instanceof Message.Transferred(var space, long session, var transfer)
            ? new Message.Transferred(space, session, forgery.apply(transfer))
            : message;
  }

  private static void truncateAndMeet(Cluster cluster, Member donor, Member joiner) {
    cluster.members.stream().filter(it -> it != joiner).forEach(Member::loseLog);
    cluster.loseAll();
    joiner.isCutOff = false;
    donor.on(new Event.PeerUp(joiner.key));
    joiner.on(new Event.PeerUp(donor.key));
    for (int i = 0; i < 10_000 && !isAsked(donor); i++) {
      cluster.step();
    }
    cluster.connectAll();
  }

  private static boolean isAsked(Member donor) {
    return donor.inbox.stream()
        .anyMatch(it ->
            it.message() instanceof Message.Transferred(_, _, var transfer)
                && transfer instanceof Transfer.Ask);
  }

  private static byte[] name(String key) {
    return new CellId.Single(Path.of(key), CellKind.REGISTER).canonical();
  }

  private static byte[] content(Member member, String key) {
    var id = new CellId.Single(Path.of(key), CellKind.REGISTER);
    return CellEncoding.encode(new StoredSpace(member.state).cell(id), ReplicaForm.FULL);
  }

  private static void fill(Cluster cluster, int keys) {
    for (int i = 0; i < keys; i++) {
      cluster.member(i % 2).commit(Cluster.set("k/" + i, "v" + i));
    }
    cluster.deliverAll();
  }

  private static void back(Cluster cluster, Member member) {
    cluster.loseAll();
    member.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(20);
  }
}
