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
import io.starling.replica.catchup.Donor;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.StoredSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Members that fell behind the logs of the others take over state instead.
class CatchUpTest {

  private final Cluster cluster = new Cluster(3);
  private final Member one = cluster.member(0);
  private final Member two = cluster.member(1);
  private final Member three = cluster.member(2);

  @Test
  void anEmptyMemberTakesOverTheWholeState() {
    three.isCutOff = true;
    fill(500);
    truncate(one);
    truncate(two);
    back(three);
    assertEqual();
    assertThat(three.value("k/7")).isEqualTo(new Value.Text("v7"));
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
  }

  @Test
  void aStaleMemberFetchesWhatDiffersAndLosesWhatWasRemoved() {
    fill(2_000);
    cluster.rounds(2);
    three.isCutOff = true;
    one.commit(Cluster.set("k/3", "new"));
    two.commit(new Mutation.Remove(Path.of("k/4")));
    one.commit(Cluster.add("s", "late"));
    cluster.rounds(2);
    truncate(one);
    truncate(two);
    back(three);
    assertEqual();
    assertThat(three.value("k/3")).isEqualTo(new Value.Text("new"));
    assertThat(three.value("k/4")).isEqualTo(new Value.Null());
    long rows = three.sent(Message.Transferred.class).size() + cells(one) + cells(two);
    assertThat(rows).isLessThan(100);
  }

  @Test
  void itsOwnUnseenWritesAreKept() {
    fill(100);
    cluster.rounds(2);
    three.isCutOff = true;
    three.commit(Cluster.set("k/3", "mine"));
    three.commit(Cluster.set("own", "x"));
    three.commit(new Mutation.Remove(Path.of("k/9")));
    three.commit(Cluster.increment("n", 5));
    one.commit(Cluster.set("k/3", "theirs"));
    one.commit(Cluster.increment("n", 7));
    two.commit(Cluster.set("k/9", "again"));
    cluster.rounds(2);
    truncate(one);
    truncate(two);
    back(three);
    three.commit(Cluster.set("later", "y"));
    cluster.rounds(5);
    assertEqual();
    assertThat(one.value("own")).isEqualTo(new Value.Text("x"));
    assertThat(one.value("n")).isEqualTo(new Value.Int(12));
    assertThat(one.value("k/9")).isEqualTo(new Value.Text("again"));
  }

  @Test
  void aDonorThatLeavesACellOutIsNamedAndAnotherIsAsked() {
    assertFoundOut(
        CellDigest.ZERO, rows -> rows.stream().filter(row -> !isCell(row, "k/7")).toList());
  }

  @Test
  void aDonorThatAltersACellIsNamedAndAnotherIsAsked() {
    three.isCutOff = true;
    fill(50);
    var forged = content(one, "k/8");
    assertFoundOut(
        CellDigest.of(name("k/7"), forged),
        rows ->
            rows.stream()
                .map(row -> isCell(row, "k/7") ? new Row.CellRow(name("k/7"), forged) : row)
                .toList());
  }

  @Test
  void aDonorServesAFewAtATimeAndTellsTheOthersSo() {
    fill(10);
    for (long stranger = 0; stranger <= Donor.SESSIONS_MAX; stranger++) {
      ask(one, new KeyFingerprint(70 + stranger, 0));
    }
    var answers = one.sent(Message.Transferred.class);
    assertThat(answers).hasSize(Donor.SESSIONS_MAX + 1);
    assertThat(answers.getFirst().transfer()).isInstanceOf(Transfer.Offer.class);
    assertThat(answers.getLast().transfer())
        .isEqualTo(new Transfer.Refused(Transfer.Reason.BUSY, "it gives its state to others"));
    // Nobody begins anew at once.
    ask(one, new KeyFingerprint(70, 0));
    assertThat(one.sent(Message.Transferred.class).getLast().transfer())
        .isInstanceOf(Transfer.Refused.class);
    // Whoever asks for nothing more makes room.
    cluster.rounds(12);
    ask(one, new KeyFingerprint(99, 0));
    assertThat(one.sent(Message.Transferred.class).getLast().transfer())
        .isInstanceOf(Transfer.Offer.class);
  }

  /// Each is a head, a close, a cell or an end that no honest donor sends.
  @Test
  void whatNoDonorSendsEndsTheTransferAndNothingElse() {
    var ghost = new ReplicaId(new KeyFingerprint(66, 6), 6);
    var context = VersionVector.of(new TreeMap<>(Map.of(ghost, 1L)));
    var head =
        new Row.HeadRow(
            one.self(), 1, ChainHash.ROOT, HybridTime.ZERO, context, VersionVector.EMPTY);
    UnaryOperator<List<Row>> twice = rows -> plus(rows, rows.getFirst());
    List<UnaryOperator<List<Row>>> forgeries =
        List.of(
            twice,
            rows -> List.of(head),
            rows -> plus(rows, new Row.CloseRow(ghost, 1, ChainHash.ROOT, ghost, 1)),
            rows -> plus(rows, new Row.LeafRow(65_535, 255)),
            rows -> plus(rows, new Row.CellRow(new byte[] {1}, new byte[] {2})),
            rows -> List.of());
    three.isCutOff = true;
    two.isCutOff = true;
    fill(5);
    truncate(one);
    for (var forgery : forgeries) {
      one.forgery =
          message ->
              message instanceof Message.Transferred(var space, long session, var transfer)
                      && transfer instanceof Transfer.Page(long page, var rows, boolean isLast)
                  ? new Message.Transferred(
                      space, session, new Transfer.Page(page, forgery.apply(rows), isLast))
                  : message;
      cluster.alarms.clear();
      three.restart();
      back(three);
      assertThat(cluster.alarmKinds()).contains(Effect.Kind.DONOR_FAULT);
      assertThat(three.status().active().seq(one.self())).isZero();
      three.commit(Cluster.set("still", "writes"));
      three.restart();
      three.isCutOff = true;
    }
  }

  /// What the donor's snapshot has seen added and removed again is in neither snapshot, and is
  /// here.
  @Test
  void aWriteMadeMeanwhileThatTheDonorHasSeenRemovedStaysRemoved() {
    fill(50);
    cluster.rounds(2);
    three.isCutOff = true;
    one.commit(Cluster.set("k/3", "new"));
    cluster.deliverAll();
    truncate(one);
    truncate(two);
    cluster.loseAll();
    three.isCutOff = false;
    cluster.connectAll();
    var ask = untilThreeAsks();
    three.commit(Cluster.add("s", "x"));
    ask.inbox.removeIf(it -> isAsk(it.message()));
    cluster.deliverAll();
    assertThat(ask.view("s")).isEqualTo(three.view("s"));
    ask.commit(new Mutation.RemoveElement(Path.of("s"), new Value.Text("x")));
    three.inbox.clear();
    ask.hear(three, asked(three));
    cluster.rounds(40);
    assertEqual();
    assertThat(three.value("s")).isEqualTo(new Value.Null());
  }

  /// Delivers until a question for the state is on its way.
  ///
  /// @return whom it goes to
  private Member untilThreeAsks() {
    for (int i = 0; i < 10_000; i++) {
      for (var member : List.of(one, two)) {
        if (member.inbox.stream().anyMatch(it -> isAsk(it.message()))) {
          return member;
        }
      }
      cluster.step();
    }
    throw new AssertionError("no question was sent");
  }

  private static boolean isAsk(Message message) {
    return message instanceof Message.Transferred(_, _, var transfer)
        && transfer instanceof Transfer.Ask;
  }

  private static Message asked(Member joiner) {
    return joiner.sent(Message.Transferred.class).stream()
        .filter(CatchUpTest::isAsk)
        .toList()
        .getLast();
  }

  private static List<Row> plus(List<Row> rows, Row more) {
    var all = new ArrayList<>(rows);
    all.add(more);
    return all;
  }

  private static void ask(Member donor, KeyFingerprint who) {
    var ask = new Message.Transferred(Cluster.MAIN, 1, new Transfer.Ask(List.of()));
    donor.on(new Event.Arrived(who, List.of(ask)));
  }

  /// One lies of itself, its digest included; whoever asks it asks it first.
  private void assertFoundOut(CellDigest instead, UnaryOperator<List<Row>> forgery) {
    three.isCutOff = true;
    fill(50);
    var honest = CellDigest.of(name("k/7"), content(one, "k/7"));
    one.forgery =
        message ->
            message instanceof Message.Transferred(var space, long session, var transfer)
                ? new Message.Transferred(
                    space,
                    session,
                    switch (transfer) {
                      case Transfer.Offer offer ->
                          new Transfer.Offer(
                              offer.token(),
                              offer.digest().minus(honest).plus(instead),
                              offer.cells(),
                              offer.leafBits(),
                              offer.groups());
                      case Transfer.Page page ->
                          new Transfer.Page(page.page(), forgery.apply(page.rows()), page.isLast());
                      default -> transfer;
                    })
                : message;
    truncate(one);
    truncate(two);
    cluster.loseAll();
    three.isCutOff = false;
    two.isCutOff = true;
    cluster.connectAll();
    cluster.rounds(3);
    two.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(60);
    assertThat(cluster.alarms)
        .anySatisfy(alarm -> {
          assertThat(alarm.kind()).isEqualTo(Effect.Kind.DONOR_FAULT);
          assertThat(alarm.message())
              .contains("the state that " + one.key + " gave was not taken over")
              .contains("not that of " + two.key);
        });
    assertThat(three.value("k/7")).isEqualTo(new Value.Text("v7"));
    assertEqual();
  }

  private static boolean isCell(Row row, String key) {
    return row instanceof Row.CellRow(var name, _) && Arrays.equals(name, name(key));
  }

  private static byte[] name(String key) {
    return new CellId.Single(Path.of(key), CellKind.REGISTER).canonical();
  }

  private static byte[] content(Member member, String key) {
    var id = new CellId.Single(Path.of(key), CellKind.REGISTER);
    return CellEncoding.encode(new StoredSpace(member.state).cell(id), ReplicaForm.FULL);
  }

  private long cells(Member donor) {
    return donor.sent(Message.Transferred.class).stream()
        .map(Message.Transferred::transfer)
        .filter(Transfer.Page.class::isInstance)
        .flatMap(page -> ((Transfer.Page) page).rows().stream())
        .filter(Transfer.Row.CellRow.class::isInstance)
        .count();
  }

  private void fill(int keys) {
    for (int i = 0; i < keys; i++) {
      cluster.member(i % 2).commit(Cluster.set("k/" + i, "v" + i));
    }
    cluster.deliverAll();
  }

  private void back(Member member) {
    cluster.loseAll();
    member.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(20);
  }

  /// Takes the bodies of all batches away.
  private static void truncate(Member member) {
    var gone = new ArrayList<Changes.Write>();
    member.state.scan(
        Table.LOG,
        new byte[0],
        new byte[0],
        (key, _) -> gone.add(new Changes.Write(Table.LOG, key.clone(), Optional.empty())));
    member.state.persist(new Changes(gone));
  }

  private void assertEqual() {
    for (var member : List.of(one, two, three)) {
      assertThat(member.status().active()).isEqualTo(one.status().active());
      assertThat(member.status().digest()).isEqualTo(one.status().digest());
      assertThat(member.status().cells()).isEqualTo(one.status().cells());
    }
    StateCheck.holds(three);
  }
}
