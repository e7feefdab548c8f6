package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// States that wait for a third member to confirm them: who is asked, whose answer counts, when one
/// is left for a later one, and when an operator hears of it.
///
/// Members are linked one by one: each has applied what it is to have before.
class ConfirmationTest {

  private static final KeyFingerprint NOBODY = new KeyFingerprint(66, 6);

  private final Cluster cluster = new Cluster(6);
  private final Member joiner = cluster.member(0);
  private final Member donor = cluster.member(1);
  private final Member two = cluster.member(2);
  private final Member three = cluster.member(3);
  private final Member four = cluster.member(4);
  private final Member five = cluster.member(5);

  /// Else a batch that is at hand would be taken for one of another branch.
  @Test
  void whatIsAtHandIsNamedByItsOwnHash() {
    begin(donor, two);
    meet(donor, two);
    two.forgery = ConfirmationTest::withoutBatches;
    meet(joiner, donor);
    while (sent(donor, Transfer.Offer.class).isEmpty()) {
      cluster.step();
    }
    donor.commit(Cluster.set("later", "v"));
    two.commit(Cluster.set("missing", "v"));
    // It must have been applied before the question comes.
    two.hear(donor, donor.last());
    meet(joiner, two);
    cluster.rounds(2);
    var heads =
        sent(joiner, Transfer.Fetch.class).stream()
            .map(Transfer.Fetch.class::cast)
            .flatMap(fetch -> fetch.beyond().heads().stream())
            .filter(head -> head.seq() == donor.last().batch().seq())
            .filter(head -> head.replica().equals(donor.self()))
            .toList();
    assertThat(heads).isNotEmpty().allMatch(head -> head.matches(donor.last().hash()));
  }

  /// Both are left unconfirmed within one minute, not within one each.
  @Test
  void anOperatorHearsOfItInTimeThoughAStateWasLeftForALaterOne() {
    begin(donor);
    goOn(two);
    meet(joiner, donor);
    cluster.rounds(55);
    assertThat(waitsFor(donor)).isTrue();
    meet(joiner, two);
    cluster.rounds(3);
    assertThat(waitsFor(two)).isTrue();
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.UNATTESTED);
    cluster.rounds(15);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.UNATTESTED);
  }

  /// What is left of a minute is left to a state that comes instead, and not to one that comes when
  /// nothing has come for long.
  @Test
  void whatIsTakenOverLongAfterwardsHasAMinuteOfItsOwn() {
    begin(donor);
    goOn(two);
    two.forgery =
        transfers(transfer ->
            transfer instanceof Transfer.Page
                ? new Transfer.Refused(Transfer.Reason.BUSY, "it gives its state to others")
                : transfer);
    meet(joiner, donor);
    cluster.rounds(55);
    meet(joiner, two);
    cluster.rounds(3);
    assertThat(waitsFor(donor)).isFalse();
    part(joiner, two);
    part(joiner, donor);
    cluster.rounds(120);
    meet(joiner, donor);
    cluster.rounds(30);
    assertThat(waitsFor(donor)).isTrue();
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.UNATTESTED);
    cluster.rounds(40);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.UNATTESTED);
  }

  /// Two claims what is nowhere of `_system`: its state never goes live, and nobody is told so. It
  /// must not take the donor's away again and again.
  @Test
  void whoGivesAStateThatIsOfNoUseTakesTheOthersAwayOnce() {
    begin(donor);
    goOn(two);
    joiner.system = Optional.of(new NoSystem());
    joiner.restart();
    two.forgery =
        transfers(transfer ->
            transfer instanceof Transfer.Page page ? namingWhatIsNowhere(page) : transfer);
    meet(joiner, donor);
    meet(joiner, two);
    cluster.rounds(200);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.UNATTESTED);
  }

  /// There would be neither the one state nor the other.
  @Test
  void aStateIsNotLeftForThatOfAMemberThatCannotBeAskedForItYet() {
    begin(donor);
    goOn(two);
    two.forgery =
        transfers(transfer ->
            transfer instanceof Transfer.Offer
                ? new Transfer.Refused(Transfer.Reason.BUSY, "it gives its state to others")
                : transfer);
    meet(joiner, two);
    cluster.rounds(1);
    assertThat(sent(joiner, Transfer.Ask.class)).hasSize(1);
    two.forgery = UnaryOperator.identity();
    meet(joiner, donor);
    cluster.rounds(2);
    assertThat(sent(joiner, Transfer.Fetch.class)).isNotEmpty();
    assertThat(waitsFor(donor)).isTrue();
    cluster.rounds(6);
    assertThat(waitsFor(two)).isTrue();
  }

  /// It may be that one who lies: with who is too far to say anything there are four members.
  @Test
  void oneWordAgainstAStateNamesNobodyWhereAnotherIsTooFarToSayAnything() {
    begin(donor, two, three);
    goOn(three);
    donor.forgery = withoutCell("k/7");
    two.isCutOff = true;
    meet(joiner, donor);
    meet(joiner, three);
    meet(joiner, two);
    cluster.rounds(2);
    assertThat(sent(joiner, Transfer.Fetch.class)).hasSize(1);
    two.isCutOff = false;
    cluster.rounds(15);
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
    assertIsLeftAndDropped();
  }

  @Test
  void norIfThatIsFoundAfterwards() {
    begin(donor, two, three);
    goOn(three);
    donor.forgery = withoutCell("k/7");
    three.isCutOff = true;
    meet(joiner, donor);
    meet(joiner, three);
    meet(joiner, two);
    cluster.rounds(2);
    three.isCutOff = false;
    cluster.rounds(15);
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
    assertIsLeftAndDropped();
  }

  private void assertIsLeftAndDropped() {
    assertThat(sent(joiner, Transfer.Ask.class))
        .hasSizeGreaterThan(1)
        .element(1)
        .isEqualTo(new Transfer.Ask(List.of(), true));
  }

  /// One may still say more, so nobody is named; but what came may be a lie.
  @Test
  void whatOneFoundToBeOtherIsDroppedBeforeALaterStateIsTakenOver() {
    begin(donor, two, three);
    goOn(three);
    donor.forgery = withoutCell("k/7");
    four.forgery =
        transfers(transfer -> new Transfer.Refused(Transfer.Reason.BUSY, "it compares for others"));
    meet(joiner, donor);
    meet(joiner, four);
    meet(joiner, two);
    cluster.rounds(2);
    meet(joiner, three);
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
    cluster.rounds(15);
    assertIsLeftAndDropped();
  }

  @Test
  void whatOneFoundToBeOtherIsDroppedWhenItIsGivenUp() {
    begin(donor, two);
    donor.forgery = withoutCell("k/7");
    three.isCutOff = true;
    meet(joiner, donor);
    meet(joiner, two);
    meet(joiner, three);
    cluster.rounds(80);
    assertThat(cluster.alarmKinds())
        .contains(Effect.Kind.UNATTESTED)
        .doesNotContain(Effect.Kind.DONOR_FAULT);
    assertThat(sent(joiner, Transfer.Ask.class))
        .hasSizeGreaterThan(1)
        .allMatch(new Transfer.Ask(List.of(), true)::equals);
  }

  /// It comes late, and is of what was missing here before the state came.
  @Test
  void whatIsSaidOfAnotherQuestionMakesNobodyTooFar() {
    begin(donor);
    take(two, donor);
    two.commit(Cluster.set("more", "v"));
    two.loseLog(donor.self(), 5);
    two.forgery = ConfirmationTest::withoutBatches;
    meet(joiner, donor);
    meet(joiner, two);
    for (int i = 0; i < 20; i++) {
      cluster.rounds(1);
      joiner.hear(two, new Message.Behind(Cluster.MAIN, donor.self(), 6));
    }
    assertThat(sent(joiner, Transfer.Fetch.class)).isNotEmpty();
    two.forgery = UnaryOperator.identity();
    cluster.rounds(3);
    assertThat(joiner.value("k/7")).isEqualTo(new Value.Text("v7"));
    assertThat(sent(joiner, Transfer.Ask.class)).hasSize(1);
  }

  @Test
  void whoIsTooFarIsNotHeardAgain() {
    begin(donor);
    goOn(two);
    three.isCutOff = true;
    meet(joiner, donor);
    meet(joiner, two);
    meet(joiner, three);
    cluster.rounds(2);
    assertThat(sent(joiner, Transfer.Fetch.class)).hasSize(1);
    var answer =
        two.sent(Message.Transferred.class).stream()
            .filter(said -> said.transfer() instanceof Transfer.Compared)
            .findFirst()
            .orElseThrow();
    joiner.hear(two, answer);
    cluster.rounds(2);
    assertThat(sent(joiner, Transfer.Fetch.class)).hasSize(1);
  }

  /// As many as are asked at a time.
  @Test
  void thoseWhoSayNothingKeepNobodyFromAskingWhoWould() {
    begin(donor, five);
    for (var silent : List.of(two, three, four)) {
      silent.isCutOff = true;
      meet(joiner, silent);
    }
    meet(joiner, donor);
    meet(joiner, five);
    cluster.rounds(10);
    assertThat(joiner.value("k/7")).isEqualTo(new Value.Text("v7"));
  }

  @Test
  void whoSaysNothingIsNotWaitedForWhereThereIsALaterState() {
    begin(donor);
    goOn(two);
    three.isCutOff = true;
    meet(joiner, donor);
    meet(joiner, two);
    meet(joiner, three);
    cluster.rounds(10);
    assertThat(waitsFor(donor)).isTrue();
    cluster.rounds(20);
    assertThat(waitsFor(two)).isTrue();
  }

  @Test
  void anOperatorHearsOfItWhereNobodyButTheDonorIsInReach() {
    begin(donor);
    meet(joiner, donor);
    cluster.rounds(65);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.UNATTESTED);
  }

  /// Parts all, gives these the same state, of which they have kept no batches.
  private void begin(Member... having) {
    for (var a : cluster.members) {
      for (var b : cluster.members) {
        if (a != b) {
          a.on(new Event.PeerDown(b.key));
        }
      }
    }
    cluster.loseAll();
    for (int i = 0; i < 20; i++) {
      having[0].commit(Cluster.set("k/" + i, "v" + i));
    }
    for (var other : List.of(having).subList(1, having.length)) {
      take(other, having[0]);
    }
    for (var member : having) {
      member.loseLog();
    }
  }

  private static void take(Member member, Member from) {
    from.applied().forEach(batch -> member.hear(from, batch));
  }

  /// Applies what the donor has and two batches more, of which it keeps the last.
  private void goOn(Member member) {
    take(member, donor);
    member.commit(Cluster.set("gone", "v"));
    member.commit(Cluster.set("kept", "v"));
    member.loseLog(member.self(), 1);
    member.loseLog(donor.self(), 20);
  }

  private static void meet(Member a, Member b) {
    a.on(new Event.PeerUp(b.key));
    b.on(new Event.PeerUp(a.key));
  }

  private static void part(Member a, Member b) {
    a.on(new Event.PeerDown(b.key));
    b.on(new Event.PeerDown(a.key));
  }

  private boolean waitsFor(Member member) {
    return joiner
        .status()
        .catchingUp()
        .filter(it -> it.phase() == SpaceStatus.Phase.PROVING)
        .flatMap(SpaceStatus.CatchingUp::donor)
        .equals(Optional.of(member.key));
  }

  private static List<Transfer> sent(Member member, Class<? extends Transfer> kind) {
    return member.sent(Message.Transferred.class).stream()
        .map(Message.Transferred::transfer)
        .filter(kind::isInstance)
        .toList();
  }

  private static Message withoutBatches(Message message) {
    return message instanceof Message.Batches
        ? new Message.Batches(Cluster.MAIN, List.of(), Message.Part.LAST)
        : message;
  }

  /// Leaves a cell out, of the sum that is offered too.
  private UnaryOperator<Message> withoutCell(String key) {
    var id = new CellId.Single(Path.of(key), CellKind.REGISTER);
    byte[] content = CellEncoding.encode(new StoredSpace(donor.state).cell(id), ReplicaForm.FULL);
    var digest = CellDigest.of(id.canonical(), content);
    return transfers(transfer ->
        switch (transfer) {
          case Transfer.Offer offer ->
              new Transfer.Offer(
                  offer.token(),
                  offer.digest().minus(digest),
                  offer.cells(),
                  offer.hashesFrom(),
                  offer.groups());
          case Transfer.Page page ->
              new Transfer.Page(
                  page.page(),
                  page.rows().stream().filter(row -> !isCell(row, id)).toList(),
                  page.isLast());
          default -> transfer;
        });
  }

  private static Transfer namingWhatIsNowhere(Transfer.Page page) {
    var nowhere = VersionVector.of(new TreeMap<>(Map.of(new ReplicaId(NOBODY, 6), 1L)));
    var rows =
        page.rows().stream()
            .map(row ->
                row
                        instanceof
                        Row.HeadRow(var replica, long seq, var hash, var time, var context, _)
                    ? new Row.HeadRow(replica, seq, hash, time, context, nowhere)
                    : row)
            .toList();
    return new Transfer.Page(page.page(), rows, page.isLast());
  }

  private static boolean isCell(Row row, CellId id) {
    return row instanceof Row.CellRow cell && Arrays.equals(cell.name(), id.canonical());
  }

  private static UnaryOperator<Message> transfers(UnaryOperator<Transfer> forgery) {
    return message ->
        message instanceof Message.Transferred(var space, long session, var transfer)
            ? new Message.Transferred(space, session, forgery.apply(transfer))
            : message;
  }
}
