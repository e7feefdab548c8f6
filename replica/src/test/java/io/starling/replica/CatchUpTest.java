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
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.value.Value;
import io.starling.replica.Cluster.Member;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.catchup.Donor;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
    one.loseLog();
    two.loseLog();
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
    one.loseLog();
    two.loseLog();
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
    one.loseLog();
    two.loseLog();
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
                .map(row -> isCell(row, "k/7") ? new Row.CellRow(name("k/7"), forged, false) : row)
                .toList());
  }

  /// What another member has removed since is compared too: it must be gone in the same way.
  @Test
  void aForgeryInWhatOthersHaveChangedSinceIsFoundOut() {
    three.isCutOff = true;
    fill(50);
    var seen = new Token(Cluster.MAIN, prefixes(one, Map.of(one.self(), 4L, two.self(), 4L)));
    byte[] forged = content(one, "k/8");
    byte[] honest = content(one, "k/7");
    var difference = CellDigest.of(name("k/7"), forged).minus(CellDigest.of(name("k/7"), honest));
    one.forgery =
        lie(
            difference,
            rows ->
                rows.stream()
                    .map(row ->
                        isCell(row, "k/7") ? new Row.CellRow(name("k/7"), forged, false) : row)
                    .toList());
    truncateAndMeet(one);
    untilSent(one, Transfer.Offer.class);
    // Covers the honest content and not the forged one.
    two.commitAt(seen, new Mutation.Remove(Path.of("k/7")));
    cluster.rounds(3);
    assertThat(faults()).anySatisfy(it -> assertThat(it).contains("its cells are others"));
    cluster.rounds(60);
    assertEqual();
    assertThat(three.value("k/7")).isEqualTo(new Value.Null());
  }

  @Test
  void aDonorThatForgesAContextIsFoundOut() {
    three.isCutOff = true;
    fill(50);
    one.forgery =
        lie(
            CellDigest.ZERO,
            rows ->
                rows.stream()
                    .map(row ->
                        row
                                    instanceof
                                    Row.HeadRow(
                                        var replica,
                                        long seq,
                                        var hash,
                                        var time,
                                        var _,
                                        var system)
                                && replica.equals(two.self())
                            ? new Row.HeadRow(
                                replica,
                                seq,
                                hash,
                                time,
                                VersionVector.of(new TreeMap<>(Map.of(one.self(), 1L))),
                                system)
                            : row)
                    .toList());
    truncateAndMeet(one);
    cluster.rounds(60);
    assertThat(faults()).anySatisfy(it -> assertThat(it).contains("heads or closes"));
    assertEqual();
  }

  @Test
  void chainHashesComeAlongAndForgedOnesAreFoundOut() {
    three.isCutOff = true;
    fill(50);
    one.forgery =
        lie(
            CellDigest.ZERO,
            rows ->
                rows.stream()
                    .map(row ->
                        row instanceof Row.HashesRow(var replica, long first, var hashes)
                            ? new Row.HashesRow(
                                replica, first, Collections.nCopies(hashes.size(), ChainHash.ROOT))
                            : row)
                    .toList());
    // The bodies are gone, and the hashes are kept.
    for (var member : List.of(one, two)) {
      shorten(member);
    }
    meet(one);
    cluster.rounds(60);
    assertThat(faults()).anySatisfy(it -> assertThat(it).contains("the chain hashes it gives"));
    assertEqual();
    var taken = new StoredSpace(three.state);
    for (long seq = 1; seq <= 25; seq++) {
      assertThat(taken.hash(one.self(), seq))
          .isPresent()
          .isEqualTo(new StoredSpace(two.state).hash(one.self(), seq));
    }
  }

  @Test
  void questionsBeyondTheLimitAreAnsweredBusy() {
    fill(20);
    var question =
        new Transfer.Compare(one.status().token(), VersionVector.EMPTY, new Secret(1, 2), true);
    for (long stranger = 0; stranger <= 8; stranger++) {
      say(one, new KeyFingerprint(70 + stranger, 0), question);
    }
    assertThat(one.sent(Message.Transferred.class))
        .singleElement()
        .extracting(Message.Transferred::transfer)
        .isEqualTo(new Transfer.Refused(Transfer.Reason.BUSY, "it compares for others"));
    cluster.rounds(1);
    assertThat(one.sent(Message.Transferred.class))
        .hasSize(9)
        .last()
        .extracting(Message.Transferred::transfer)
        .isInstanceOf(Transfer.Compared.class);
  }

  @Test
  void chainHashesBeyondTheLimitStayBehind() {
    three.isCutOff = true;
    for (int i = 0; i < 10_100; i++) {
      one.commit(Cluster.set("k", "v" + i));
    }
    cluster.deliverAll();
    shorten(one);
    shorten(two);
    back(three);
    assertEqual();
    var rows =
        Stream.of(one, two)
            .flatMap(member -> member.sent(Message.Transferred.class).stream())
            .map(Message.Transferred::transfer)
            .filter(Transfer.Page.class::isInstance)
            .flatMap(page -> ((Transfer.Page) page).rows().stream())
            .filter(Row.HashesRow.class::isInstance)
            .map(Row.HashesRow.class::cast)
            .toList();
    assertThat(rows.getFirst().first()).isEqualTo(10_100 - 10_000);
    assertThat(rows.stream().mapToInt(row -> row.hashes().size()).sum()).isEqualTo(10_000);
  }

  /// The answer that is too far ahead is dropped, and the member waits for one that is not.
  @Test
  void statesThatAreTooFarApartAreNotCompared() {
    three.isCutOff = true;
    fill(3_000);
    truncateAndMeet(one);
    untilSent(one, Transfer.Offer.class);
    for (int i = 0; i < 1_001; i++) {
      two.commit(Cluster.set("later", "v" + i));
    }
    two.inbox.removeIf(it -> it.message() instanceof Message.Transferred);
    cluster.rounds(20);
    assertThat(two.sent(Message.Transferred.class))
        .anyMatch(it -> it.transfer() instanceof Transfer.Compared);
    assertThat(three.status().catchingUp())
        .hasValueSatisfying(it -> assertThat(it.phase()).isEqualTo(SpaceStatus.Phase.PROVING));
    // In a minute it gives up and takes what is there by then.
    cluster.rounds(150);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.UNATTESTED);
    assertThat(faults()).isEmpty();
    assertEqual();
  }

  /// More of them than are asked at once, and before the one who can confirm.
  @Test
  void thoseWhoLackTheStateThemselvesKeepNobodyFromAskingWhoHasIt() {
    var six = new Cluster(6);
    for (int i = 0; i < 4; i++) {
      six.member(i).isCutOff = true;
    }
    for (int i = 0; i < 50; i++) {
      six.member(4).commit(Cluster.set("k/" + i, "v" + i));
    }
    six.deliverAll();
    six.member(4).loseLog();
    six.member(5).loseLog();
    six.loseAll();
    for (int i = 0; i < 4; i++) {
      six.member(i).isCutOff = false;
    }
    six.connectAll();
    six.rounds(40);
    for (int i = 0; i < 6; i++) {
      assertThat(six.member(i).status().digest()).isEqualTo(six.member(4).status().digest());
    }
    assertThat(six.alarmKinds()).doesNotContain(Effect.Kind.UNATTESTED);
  }

  /// What lies between its state and theirs nobody has kept.
  @Test
  void aDonorWhoIsBehindItselfIsLeftForOneOfThoseWhoAreNot() {
    var four = new Cluster(4);
    var joiner = four.member(0);
    var stale = four.member(1);
    joiner.isCutOff = true;
    stale.commit(Cluster.set("k/1", "v"));
    four.deliverAll();
    stale.isCutOff = true;
    four.member(2).commit(Cluster.set("k/2", "v"));
    four.member(3).commit(Cluster.set("k/3", "v"));
    four.deliverAll();
    for (int i = 1; i < 4; i++) {
      four.member(i).loseLog();
    }
    four.loseAll();
    four.member(2).isCutOff = true;
    four.member(3).isCutOff = true;
    stale.isCutOff = false;
    joiner.isCutOff = false;
    four.connectAll();
    four.rounds(2);
    assertThat(joiner.status().catchingUp())
        .hasValueSatisfying(it -> assertThat(it.donor()).contains(stale.key));
    four.member(2).isCutOff = false;
    four.member(3).isCutOff = false;
    four.connectAll();
    four.rounds(40);
    for (int i = 0; i < 4; i++) {
      assertThat(four.member(i).status().digest()).isEqualTo(four.member(2).status().digest());
    }
    assertThat(four.alarmKinds()).doesNotContain(Effect.Kind.UNATTESTED);
  }

  /// One after the other: alone there is nobody who could confirm.
  @Test
  void whatNobodyConfirmedIsGivenToNobodyAndConfirmsNobody() {
    var pair = new Cluster(2);
    var old = pair.member(0);
    var fresh = pair.member(1);
    fresh.isCutOff = true;
    old.commit(Cluster.set("k", "v"));
    pair.deliverAll();
    old.loseLog();
    pair.loseAll();
    fresh.isCutOff = false;
    pair.connectAll();
    pair.rounds(20);
    assertThat(fresh.value("k")).isEqualTo(new Value.Text("v"));
    assertThat(pair.alarmKinds()).contains(Effect.Kind.UNATTESTED);
    fresh.restart();
    var stranger = new KeyFingerprint(9, 9);
    for (var question :
        List.of(
            new Transfer.Ask(List.of(), true),
            new Transfer.Compare(
                fresh.status().token(), VersionVector.EMPTY, new Secret(1, 2), true))) {
      fresh.on(
          new Event.Arrived(stranger, List.of(new Message.Transferred(Cluster.MAIN, 1, question))));
      pair.deliverAll();
      assertThat(fresh.sent(Message.Transferred.class).getLast().transfer())
          .isInstanceOfSatisfying(
              Transfer.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(Transfer.Reason.UNATTESTED));
    }
    pair.proof = Proof.WAIVED;
    fresh.restart();
    ask(fresh, stranger);
    pair.deliverAll();
    assertThat(fresh.sent(Message.Transferred.class).getLast().transfer())
        .isInstanceOf(Transfer.Offer.class);
    // Though nothing is written.
    var token = fresh.status().token();
    say(fresh, stranger, new Transfer.Compare(token, VersionVector.EMPTY, new Secret(1, 2), true));
    pair.rounds(1);
    assertThat(fresh.sent(Message.Transferred.class).getLast().transfer())
        .isInstanceOf(Transfer.Compared.class);
  }

  @Test
  void aCellThatIsLargerThanAPageGoesInPieces() throws MalformedException {
    cluster.rounds(2);
    for (var member : List.of(one, two)) {
      member.isCutOff = true;
      member.commit(Cluster.set("big", member.key + "x".repeat(500_000)));
    }
    three.isCutOff = true;
    two.isCutOff = false;
    one.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(3);
    one.loseLog();
    two.loseLog();
    back(three);
    assertEqual();
    var pieces =
        Stream.of(one, two)
            .flatMap(member -> member.sent(Message.Transferred.class).stream())
            .map(Message.Transferred::transfer)
            .toList();
    for (var part : pieces) {
      TransferEncoding.decode(TransferEncoding.encode(part));
    }
    assertThat(pieces)
        .anyMatch(part -> part instanceof Transfer.Page page && page.rows().size() < 3);
  }

  /// Those after it are kept until it comes, and are not sent again.
  @Test
  void aPageThatIsLostIsTheOnlyOneThatIsSentAgain() {
    for (int i = 0; i < 900; i++) {
      one.commit(Cluster.set("long/" + i, "x".repeat(6_000)));
    }
    cluster.deliverAll();
    var sent = new int[1];
    for (var member : cluster.members) {
      member.loseLog();
      member.forgery = message -> loses(8, sent, message);
    }
    cluster.members.forEach(Cluster.Member::restart);
    var newcomer = cluster.beside();
    cluster.members.add(newcomer);
    cluster.connectAll();
    cluster.rounds(3);
    assertThat(newcomer.status().token()).isEqualTo(one.status().token());
    assertThat(sent[0]).isEqualTo(2);
    var pages =
        cluster.members.stream()
            .flatMap(member -> member.sent(Message.Transferred.class).stream())
            .map(Message.Transferred::transfer)
            .filter(Transfer.Page.class::isInstance)
            .map(it -> ((Transfer.Page) it).page())
            .toList();
    assertThat(pages).hasSizeGreaterThan(30);
    assertThat(pages.size()).isLessThanOrEqualTo(pages.stream().distinct().toList().size() + 1);
  }

  /// Loses a page the first time.
  private static Message loses(long number, int[] sent, Message message) {
    boolean isIt =
        message instanceof Message.Transferred(_, _, Transfer.Page page)
            && page.page() == number
            && sent[0]++ == 0;
    return isIt
        ? new Message.Transferred(
            message.space(), ((Message.Transferred) message).session(), new Transfer.Looking(0))
        : message;
  }

  /// Its writes reach the donor before the question does.
  @Test
  void constantWritesOfItsOwnDoNotKeepAMemberFromTakingOver() {
    fill(2_000);
    cluster.rounds(2);
    three.isCutOff = true;
    one.commit(Cluster.set("k/3", "new"));
    cluster.deliverAll();
    one.loseLog();
    two.loseLog();
    cluster.loseAll();
    three.isCutOff = false;
    cluster.connectAll();
    for (int i = 0; i < 400; i++) {
      three.commit(Cluster.set("own/" + i % 7, "v" + i));
      cluster.step();
      cluster.step();
    }
    cluster.rounds(10);
    assertEqual();
    assertThat(three.sent(Message.Transferred.class).stream().filter(CatchUpTest::isAsk))
        .hasSizeLessThan(3);
  }

  @Test
  void partsOfSumsThatDoNotFitTogetherEndTheTransfer() {
    fill(10);
    var stranger = new KeyFingerprint(70, 0);
    say(one, stranger, new Transfer.Ask(Collections.nCopies(TransferEncoding.GROUPS, 5L), true));
    cluster.deliverAll();
    say(one, stranger, new Transfer.Leaves(1, 0, List.of(), true));
    assertThat(one.sent(Message.Transferred.class).getLast().transfer())
        .isInstanceOfSatisfying(
            Transfer.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Transfer.Reason.GONE));
  }

  @Test
  void aDonorGivesNoMoreThanIsAskedForAndNoMoreInATickThanItMay() {
    for (int i = 0; i < 70; i++) {
      one.commit(Cluster.set("k/" + i, "x".repeat(500_000)));
    }
    cluster.loseAll();
    var stranger = new KeyFingerprint(70, 0);
    say(one, stranger, new Transfer.Ask(List.of(), true));
    work(one);
    say(one, stranger, new Transfer.Leaves(0, 0, List.of(), true));
    say(one, stranger, new Transfer.Get(100));
    work(one);
    // So many are under way at most.
    assertThat(pages(one)).hasSize(17);
    for (long page = 17; page < 1_000; page++) {
      say(one, stranger, new Transfer.Get(page));
      work(one);
    }
    long perTick = Limits.DONOR_BYTES_PER_SECOND / 10;
    assertThat(bytes(one)).isBetween(perTick, perTick + 300_000);
    one.on(new Event.Tick());
    work(one);
    for (long page = 0; page < 1_000; page++) {
      say(one, stranger, new Transfer.Get(page));
      work(one);
    }
    assertThat(pages(one).getLast().isLast()).isTrue();
    assertThat(bytes(one)).isGreaterThan(35_000_000);
  }

  private static void work(Member member) {
    for (int i = 0; i < 20; i++) {
      member.on(new Event.Continue());
    }
  }

  private static List<Transfer.Page> pages(Member donor) {
    return donor.sent(Message.Transferred.class).stream()
        .map(Message.Transferred::transfer)
        .filter(Transfer.Page.class::isInstance)
        .map(Transfer.Page.class::cast)
        .toList();
  }

  /// Of pages, each counted once.
  private static long bytes(Member donor) {
    return pages(donor).stream()
        .distinct()
        .flatMap(page -> page.rows().stream())
        .mapToLong(TransferEncoding::bytes)
        .sum();
  }

  /// It would keep a snapshot from being let go.
  @Test
  void whoTakesNextToNothingIsGivenUp() {
    fill(3_000);
    var stranger = new KeyFingerprint(70, 0);
    say(one, stranger, new Transfer.Ask(List.of(), true));
    cluster.deliverAll();
    say(one, stranger, new Transfer.Leaves(0, 0, List.of(), true));
    for (int i = 0; i < 26; i++) {
      cluster.rounds(5);
      say(one, stranger, new Transfer.Get(0));
      cluster.deliverAll();
    }
    var answers = one.sent(Message.Transferred.class);
    assertThat(answers).anyMatch(it -> it.transfer() instanceof Transfer.Page);
    assertThat(answers.getLast().transfer())
        .isInstanceOfSatisfying(
            Transfer.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Transfer.Reason.GONE));
  }

  /// Each page is a sign of life, and none brings much.
  @Test
  void aDonorThatSendsNextToNothingIsGivenUp() {
    two.isCutOff = true;
    three.isCutOff = true;
    fill(5);
    one.loseLog();
    cluster.loseAll();
    three.isCutOff = false;
    cluster.connectAll();
    untilThreeAsks();
    one.inbox.clear();
    one.isCutOff = true;
    long session = ((Message.Transferred) asked(three)).session();
    var offer =
        new Transfer.Offer(
            one.status().token(), CellDigest.ZERO, 9, VersionVector.EMPTY, List.of());
    three.hear(one, new Message.Transferred(Cluster.MAIN, session, offer));
    for (int i = 0; i < 30; i++) {
      cluster.rounds(3);
      var ghost = new ReplicaId(new KeyFingerprint(66, 6), i);
      var head =
          new Row.HeadRow(
              ghost, 1, ChainHash.ROOT, HybridTime.ZERO, VersionVector.EMPTY, VersionVector.EMPTY);
      var page = new Transfer.Page(i, List.of(head), false);
      three.hear(one, new Message.Transferred(Cluster.MAIN, session, page));
    }
    assertThat(three.status().catchingUp()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Table.class,
      names = {"STAGE", "FRESH_CELLS"})
  void aStageThatNobodyGoesOnWithIsDropped(Table stage) {
    if (stage == Table.STAGE) {
      // Who has cells joins what comes with them.
      fill(10);
      cluster.rounds(20);
    }
    three.isCutOff = true;
    fill(3_000);
    one.loseLog();
    two.loseLog();
    cluster.loseAll();
    three.isCutOff = false;
    cluster.connectAll();
    for (int i = 0; i < 10_000 && isEmpty(three, stage); i++) {
      cluster.step();
    }
    assertThat(isEmpty(three, stage)).isFalse();
    three.isCutOff = true;
    cluster.loseAll();
    cluster.rounds(100);
    assertThat(isEmpty(three, stage)).isFalse();
    cluster.rounds(100);
    assertThat(isEmpty(three, stage)).isTrue();
    back(three);
    assertEqual();
  }

  private static boolean isEmpty(Member member, Table table) {
    var found = new ArrayList<byte[]>();
    member.state.scan(table, new byte[0], new byte[0], (key, _) -> !found.add(key));
    return found.isEmpty();
  }

  private static void say(Member donor, KeyFingerprint who, Transfer transfer) {
    var message = new Message.Transferred(Cluster.MAIN, 1, transfer);
    donor.on(new Event.Arrived(who, List.of(message)));
  }

  private static List<Token.Prefix> prefixes(Member member, Map<ReplicaId, Long> seqs) {
    var stored = new StoredSpace(member.state);
    return new TreeMap<>(seqs)
        .entrySet().stream()
            .map(it ->
                new Token.Prefix(
                    it.getKey(),
                    it.getValue(),
                    stored.hash(it.getKey(), it.getValue()).orElseThrow().first()))
            .toList();
  }

  private List<String> faults() {
    return cluster.alarms.stream()
        .filter(alarm -> alarm.kind() == Effect.Kind.DONOR_FAULT)
        .map(Effect.Alarm::message)
        .toList();
  }

  /// Steps until a member has sent such a part, and it is on its way.
  private void untilSent(Member donor, Class<? extends Transfer> kind) {
    for (int i = 0; i < 10_000; i++) {
      boolean isSent =
          donor.sent(Message.Transferred.class).stream()
              .anyMatch(it -> kind.isInstance(it.transfer()));
      if (isSent) {
        return;
      }
      cluster.step();
    }
    throw new AssertionError("none was sent");
  }

  private void truncateAndMeet(Member donor) {
    one.loseLog();
    two.loseLog();
    meet(donor);
  }

  /// Lets three meet one member first, and then all.
  private void meet(Member donor) {
    cluster.loseAll();
    three.isCutOff = false;
    donor.on(new Event.PeerUp(three.key));
    three.on(new Event.PeerUp(donor.key));
    for (int i = 0; i < 10_000 && !isAsking(donor); i++) {
      cluster.step();
    }
    cluster.connectAll();
  }

  private static boolean isAsking(Member donor) {
    return donor.inbox.stream().anyMatch(it -> isAsk(it.message()));
  }

  /// Takes the bodies of all batches away and leaves their hashes.
  private static void shorten(Member member) {
    var shorter = new ArrayList<Changes.Write>();
    member.state.scan(
        Table.LOG,
        new byte[0],
        new byte[0],
        (key, entry) ->
            shorter.add(
                new Changes.Write(
                    Table.LOG, key.clone(), Optional.of(Arrays.copyOf(entry, ChainHash.BYTES)))));
    member.state.persist(new Changes(shorter));
  }

  private static UnaryOperator<Message> lie(
      CellDigest difference, UnaryOperator<List<Row>> forgery) {
    return message ->
        message instanceof Message.Transferred(var space, long session, var transfer)
            ? new Message.Transferred(
                space,
                session,
                switch (transfer) {
                  case Transfer.Offer offer ->
                      new Transfer.Offer(
                          offer.token(),
                          offer.digest().plus(difference),
                          offer.cells(),
                          offer.hashesFrom(),
                          offer.groups());
                  case Transfer.Page page ->
                      new Transfer.Page(page.page(), forgery.apply(page.rows()), page.isLast());
                  default -> transfer;
                })
            : message;
  }

  /// What came of the two would be of two snapshots.
  @Test
  void aQuestionThatComesTwiceBeginsOneTransfer() {
    fill(10);
    var stranger = new KeyFingerprint(70, 0);
    ask(one, stranger);
    cluster.rounds(1);
    one.commit(Cluster.set("later", "x"));
    cluster.rounds(1);
    ask(one, stranger);
    cluster.rounds(1);
    assertThat(one.sent(Message.Transferred.class))
        .singleElement()
        .extracting(Message.Transferred::transfer)
        .isInstanceOf(Transfer.Offer.class);
  }

  /// It comes to a donor that has started again meanwhile, and knows nothing of the first.
  @Test
  void aQuestionThatComesLateMixesNoTwoTransfers() {
    three.isCutOff = true;
    fill(50);
    one.loseLog();
    two.isCutOff = true;
    cluster.loseAll();
    three.isCutOff = false;
    cluster.connectAll();
    awaitOffers(1);
    cluster.loseAll();
    one.restart();
    one.commit(Cluster.set("k/7", "other"), Cluster.set("k/more", "x"));
    var ask =
        three.sent(Message.Transferred.class).stream()
            .filter(said -> said.transfer() instanceof Transfer.Ask)
            .findFirst()
            .orElseThrow();
    one.hear(three, ask);
    awaitOffers(2);
    three.hear(one, offers().getFirst());
    cluster.rounds(1);
    two.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(40);
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
    assertEqual();
  }

  private void awaitOffers(int count) {
    while (offers().size() < count) {
      cluster.step();
    }
  }

  private List<Message.Transferred> offers() {
    return one.sent(Message.Transferred.class).stream()
        .filter(said -> said.transfer() instanceof Transfer.Offer)
        .toList();
  }

  /// What the donor has not heard of is at hand here, and need not be sent: else it is all that
  /// ever is.
  @Test
  void whoIsToConfirmSendsWhatIsMissing() {
    var small = new Cluster(3, AntiEntropyTest.limits(Limits.DEFAULT.bufferedBatches(), 2_000));
    var donor = small.member(0);
    var other = small.member(1);
    var joiner = small.member(2);
    joiner.isCutOff = true;
    donor.commit(Cluster.set("k", "v"));
    small.rounds(2);
    donor.loseLog(donor.self(), 1);
    other.loseLog(donor.self(), 1);
    for (int i = 0; i < 40; i++) {
      joiner.commit(Cluster.set("own/" + i, "v"));
    }
    donor.isCutOff = true;
    other.hear(joiner, joiner.applied().toArray(SignedBatch[]::new));
    for (int i = 0; i < 10; i++) {
      other.commit(Cluster.set("new/" + i, "v"));
    }
    small.loseAll();
    // The donor is told of nothing before it has said what it has.
    joiner.forgery =
        said ->
            said instanceof Message.Batches
                ? new Message.Batches(Cluster.MAIN, List.of(), Message.Part.LAST)
                : said;
    other.isCutOff = true;
    donor.isCutOff = false;
    joiner.isCutOff = false;
    small.connectAll();
    small.rounds(5);
    donor.isCutOff = true;
    other.isCutOff = false;
    small.connectAll();
    small.rounds(20);
    assertThat(joiner.value("k")).isEqualTo(new Value.Text("v"));
    assertThat(joiner.value("new/9")).isEqualTo(new Value.Text("v"));
  }

  @Test
  void aDonorServesAFewAtATimeAndTellsTheOthersSo() {
    fill(10);
    for (long stranger = 0; stranger <= Donor.SESSIONS_MAX; stranger++) {
      ask(one, new KeyFingerprint(70 + stranger, 0));
    }
    assertThat(one.sent(Message.Transferred.class))
        .singleElement()
        .extracting(Message.Transferred::transfer)
        .isEqualTo(new Transfer.Refused(Transfer.Reason.BUSY, "it gives its state to others"));
    cluster.deliverAll();
    assertThat(one.sent(Message.Transferred.class))
        .hasSize(Donor.SESSIONS_MAX + 1)
        .last()
        .extracting(Message.Transferred::transfer)
        .isInstanceOf(Transfer.Offer.class);
    // Nobody begins anew at once.
    ask(one, new KeyFingerprint(70, 0), 2);
    assertThat(one.sent(Message.Transferred.class).getLast().transfer())
        .isInstanceOf(Transfer.Refused.class);
    // Whoever asks for nothing more makes room.
    cluster.rounds(12);
    ask(one, new KeyFingerprint(99, 0));
    cluster.deliverAll();
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
            rows -> plus(rows, new Row.CellRow(new byte[] {1}, new byte[] {2}, false)),
            rows -> List.of());
    three.isCutOff = true;
    two.isCutOff = true;
    fill(5);
    one.loseLog();
    for (var forgery : forgeries) {
      one.forgery =
          message ->
              message instanceof Message.Transferred(var space, long session, var transfer)
                      && transfer instanceof Transfer.Page(long page, var rows, boolean isLast, _)
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
    one.loseLog();
    two.loseLog();
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
    ask(donor, who, 1);
  }

  private static void ask(Member donor, KeyFingerprint who, long session) {
    var ask = new Message.Transferred(Cluster.MAIN, session, new Transfer.Ask(List.of(), true));
    donor.on(new Event.Arrived(who, List.of(ask)));
  }

  /// One lies of itself, its digest included; whoever asks it asks it first.
  private void assertFoundOut(CellDigest instead, UnaryOperator<List<Row>> forgery) {
    three.isCutOff = true;
    fill(50);
    var honest = CellDigest.of(name("k/7"), content(one, "k/7"));
    one.forgery = lie(instead.minus(honest), forgery);
    one.loseLog();
    two.loseLog();
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
              .contains("not what " + two.key + " has at the same vector: its cells");
        });
    assertThat(three.value("k/7")).isEqualTo(new Value.Text("v7"));
    assertEqual();
  }

  private static boolean isCell(Row row, String key) {
    return row instanceof Row.CellRow(var name, _, _, _) && Arrays.equals(name, name(key));
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

  private void assertEqual() {
    for (var member : List.of(one, two, three)) {
      assertThat(member.status().active()).isEqualTo(one.status().active());
      assertThat(member.status().digest()).isEqualTo(one.status().digest());
      assertThat(member.status().cells()).isEqualTo(one.status().cells());
    }
    StateCheck.holds(three);
  }
}
