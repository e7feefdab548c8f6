package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A blank member takes a state over as a whole, in tables that take the place of its own.
final class FreshCellsTest {

  private static final int KEYS = 6_000;

  private final Cluster cluster = new Cluster(3);
  private final Member one = cluster.member(0);
  private final Member two = cluster.member(1);
  private final Member three = cluster.member(2);

  @Test
  void nothingIsStagedAndNothingIsLeft() {
    fill();
    lose();
    boolean wasStaged = false;
    while (three.status().active().isEmpty()) {
      cluster.step();
      wasStaged |= count(three, Table.STAGE) > 0;
    }
    assertThat(wasStaged).isFalse();
    assertThat(three.status().catchingUp()).as("joined at once").isEmpty();
    cluster.rounds(3);
    assertEqual();
    assertThat(fetched()).isEqualTo(one.status().cells());
  }

  @Test
  void whatIsWrittenHereMeanwhileIsJoined() {
    fill();
    one.commit(Cluster.increment("n", 7), Cluster.add("s", "theirs"));
    cluster.deliverAll();
    lose();
    untilPageCame();
    three.commit(Cluster.set("k/3", "mine"), Cluster.set("own", "x"));
    three.commit(Cluster.increment("n", 5), Cluster.add("s", "mine"));
    three.commit(new Mutation.Remove(Path.of("own")));
    three.commit(Cluster.set("own/2", "y"));
    assertThat(three.value("k/4")).as("it is not here yet").isEqualTo(new Value.Null());
    cluster.rounds(5);
    assertEqual();
    assertThat(one.value("k/3")).isEqualTo(new Value.Text("mine"));
    assertThat(one.value("n")).isEqualTo(new Value.Int(12));
    assertThat(one.value("own")).isEqualTo(new Value.Null());
    assertThat(one.value("own/2")).isEqualTo(new Value.Text("y"));
    assertThat(one.view("s")).isEqualTo(three.view("s"));
  }

  @Test
  void whoHasManyCellsOfItsOwnJoinsCellByCell() {
    fill();
    lose();
    untilPageCame();
    for (int i = 0; i < 10_100; i += 100) {
      three.commit(some("own/", i));
    }
    boolean isMoved = false;
    for (int i = 0; i < 20_000 && !isMoved; i++) {
      cluster.step();
      isMoved = count(three, Table.STAGE) > 0;
    }
    assertThat(isMoved).isTrue();
    cluster.rounds(60);
    assertEqual();
    assertThat(one.value("own/10099")).isEqualTo(new Value.Text("v99"));
  }

  /// Written after all had come, while nobody could confirm it.
  @Test
  void whoWritesMuchWhileItWaitsJoinsCellByCell() {
    fill();
    two.isCutOff = true;
    lose();
    cluster.rounds(10);
    assertThat(three.status().catchingUp().orElseThrow().phase())
        .isEqualTo(SpaceStatus.Phase.PROVING);
    for (int i = 0; i < 10_100; i += 100) {
      three.commit(some("own/", i));
    }
    two.isCutOff = false;
    cluster.connectAll();
    boolean isMoved = false;
    for (int i = 0; i < 20_000 && !isMoved; i++) {
      cluster.step();
      isMoved = count(three, Table.STAGE) > 0;
    }
    assertThat(isMoved).isTrue();
    cluster.rounds(60);
    assertEqual();
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
  }

  /// A cell that was here when the session began, is unknown to the donor, and is gone before what
  /// came is moved: it must not be taken for one of the donor's.
  @Test
  void whatIsRemovedHereMeanwhileIsNoFaultOfTheDonors() {
    fill();
    lose();
    untilPageCame();
    three.commit(Cluster.set("own/1", "x"));
    tell(one);
    breakOff(false);
    cluster.rounds(2);
    three.commit(Cluster.set("own/2", "x"));
    lose();
    boolean isMoved = false;
    boolean isRemoved = false;
    for (int i = 0; i < 20_000 && !isMoved; i++) {
      cluster.step();
      for (var member : List.of(one, two)) {
        member.inbox.removeIf(it -> it.message() instanceof Message.Batches);
      }
      if (!isRemoved && three.status().catchingUp().filter(it -> it.fetched() > 0).isPresent()) {
        isRemoved = true;
        three.commit(new Mutation.Remove(Path.of("own/2")));
      }
      isMoved = count(three, Table.STAGE) > 0;
    }
    assertThat(isMoved && isRemoved).isTrue();
    cluster.rounds(60);
    assertEqual();
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
  }

  /// Lets a member hear what three has written.
  private static void tell(Member member) {
    for (var it : List.copyOf(member.inbox)) {
      if (it.message() instanceof Message.Batches) {
        member.on(new Event.Arrived(it.from(), List.of(it.message())));
      }
    }
  }

  @Test
  void theDonorHearsFromWhoTakesOutWhatIsLeft() {
    three.isCutOff = true;
    for (int i = 0; i < 20_000; i += 100) {
      one.commit(some("k/", i));
    }
    cluster.deliverAll();
    lose();
    while (three.status().catchingUp().filter(it -> it.fetched() > 15_000).isEmpty()) {
      cluster.step();
    }
    breakOff(false);
    one.commit(Cluster.set("k/3", "new"));
    cluster.deliverAll();
    lose();
    long asked = said(three, Transfer.Ask.class);
    for (int i = 0; i < 400 && three.status().active().isEmpty(); i++) {
      workSlowly();
    }
    assertThat(three.status().active().isEmpty()).isFalse();
    assertThat(said(three, Transfer.Ask.class)).isEqualTo(asked + 1);
    assertThat(said(one, Transfer.Refused.class) + said(two, Transfer.Refused.class)).isZero();
  }

  /// One piece of three's work, and all else of the second and a half that it takes.
  private void workSlowly() {
    boolean hasWork = three.hasWork;
    var until = three.now().plusMillis(1_500);
    while (three.now().isBefore(until)) {
      hasWork |= three.hasWork;
      three.hasWork = false;
      cluster.step();
    }
    three.hasWork = false;
    if (hasWork) {
      three.on(new Event.Continue());
    }
  }

  private static long said(Member member, Class<? extends Transfer> kind) {
    return member.sent(Message.Transferred.class).stream()
        .filter(it -> kind.isInstance(it.transfer()))
        .count();
  }

  @Test
  void whatIsMuchIsWrittenBeforeAllHasCome() {
    three.isCutOff = true;
    for (int i = 0; i < 40; i++) {
      one.commit(Cluster.set("k/" + i, "v".repeat(400_000)));
    }
    cluster.deliverAll();
    lose();
    while (count(three, Table.FRESH_CELLS) == 0) {
      cluster.step();
    }
    assertThat(count(three, Table.FRESH_CELLS)).isBetween(20, 22);
    cluster.rounds(20);
    assertEqual();
  }

  /// As many pages are under way as have come in one tick, so a thin link is not filled for long.
  @Test
  void moreIsAskedForAheadWhereMoreComes() {
    three.isCutOff = true;
    for (int i = 0; i < 40; i++) {
      one.commit(Cluster.set("k/" + i, "v".repeat(400_000)));
    }
    cluster.deliverAll();
    lose();
    // So many are asked for at first.
    long last = 3;
    while (last < 20) {
      long next = nextAsked();
      assertThat(next).isLessThanOrEqualTo(last + 1);
      last = next;
    }
    three.on(new Event.Tick());
    assertThat(nextAsked()).isEqualTo(last + 13);
    three.on(new Event.Tick());
    three.on(new Event.Tick());
    assertThat(nextAsked()).as("nothing is asked for twice").isEqualTo(last + 14);
    cluster.rounds(20);
    assertEqual();
  }

  /// The next page that is asked for.
  private long nextAsked() {
    long before = said(three, Transfer.Get.class);
    while (said(three, Transfer.Get.class) == before) {
      cluster.step();
    }
    var said = three.sent(Message.Transferred.class).stream().map(Message.Transferred::transfer);
    return said.filter(Transfer.Get.class::isInstance)
        .map(Transfer.Get.class::cast)
        .toList()
        .getLast()
        .page();
  }

  /// What the donor has changed since comes, and what it has removed goes.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAnEarlierSessionLeftIsNotSentAgain(boolean isKilled) {
    fill();
    lose();
    breakOff(isKilled);
    long before = fetched();
    int left = count(three, Table.FRESH_CELLS);
    assertThat(left).isGreaterThan(KEYS / 10);
    for (int i = 0; i < KEYS; i += 500) {
      one.commit(Cluster.set("k/" + i, "new"), new Mutation.Remove(Path.of("k/" + (i + 1))));
      one.commit(Cluster.set("l/" + i, "later"));
    }
    cluster.deliverAll();
    lose();
    cluster.rounds(40);
    assertEqual();
    assertThat(count(three, Table.STAGE)).isZero();
    assertThat(three.value("k/501")).isEqualTo(new Value.Null());
    assertThat(three.value("l/500")).isEqualTo(new Value.Text("later"));
    // Beside what is missing, some that share a leaf with what differs.
    assertThat(fetched() - before).isLessThan(KEYS - left + 200);
  }

  /// A cell of the donor's may then be gone from what was left and not be in what comes.
  @Test
  void whatTheDonorHasRemovedIsGoneThoughNothingComes() {
    fill();
    lose();
    breakOff(false);
    var first = new ArrayList<String>();
    three.state.scan(
        Table.FRESH_CELLS,
        new byte[0],
        new byte[0],
        (name, _) -> {
          first.add(new String(name, 0, name.length - 3, StandardCharsets.UTF_8));
          return first.size() < 20;
        });
    for (var key : first) {
      one.commit(new Mutation.Remove(Path.of(key)));
    }
    cluster.deliverAll();
    lose();
    cluster.rounds(40);
    assertEqual();
    assertThat(first).allSatisfy(key -> assertThat(three.value(key)).isEqualTo(new Value.Null()));
  }

  /// Its batches come to the others by log, so the next donor's snapshot knows of them, and what
  /// was removed there must not come back.
  @Test
  void whatTheDonorHasRemovedOfOwnWritesStaysRemoved() {
    fill();
    lose();
    untilPageCame();
    three.commit(Cluster.set("own/1", "x"), Cluster.set("own/2", "x"), Cluster.set("k/5", "mine"));
    tell(one);
    breakOff(false);
    assertThat(one.value("own/1")).isEqualTo(new Value.Text("x"));
    one.commit(new Mutation.Remove(Path.of("own/1")), Cluster.set("own/2", "theirs"));
    cluster.rounds(2);
    lose();
    boolean isMoved = false;
    for (int i = 0; i < 20_000 && !isMoved; i++) {
      cluster.step();
      isMoved = count(three, Table.STAGE) > 0;
    }
    assertThat(isMoved).as("joined cell by cell").isTrue();
    cluster.rounds(60);
    assertEqual();
    assertThat(three.value("own/1")).isEqualTo(new Value.Null());
    assertThat(three.value("own/2")).isEqualTo(new Value.Text("theirs"));
    assertThat(three.value("k/5")).isEqualTo(new Value.Text("mine"));
  }

  @Test
  void aCellThatComesTwiceIsFoundOut() {
    three.isCutOff = true;
    for (int i = 0; i < 50; i++) {
      one.commit(Cluster.set("k/" + i, "v" + i));
    }
    cluster.deliverAll();
    var id = new CellId.Single(Path.of("k/7"), CellKind.REGISTER);
    var cell = CellEncoding.encode(new StoredSpace(one.state).cell(id), ReplicaForm.FULL);
    var digest = CellDigest.of(id.canonical(), cell);
    one.forgery = message -> twice(message, id.canonical(), digest);
    two.isCutOff = true;
    lose();
    cluster.rounds(3);
    two.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(60);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.DONOR_FAULT);
    assertEqual();
  }

  private void fill() {
    three.isCutOff = true;
    for (int i = 0; i < KEYS; i += 100) {
      one.commit(some("k/", i));
    }
    cluster.deliverAll();
  }

  private static Mutation[] some(String prefix, int from) {
    var some = new Mutation[100];
    for (int i = 0; i < some.length; i++) {
      some[i] = Cluster.set(prefix + (from + i), "v" + i);
    }
    return some;
  }

  /// The other two lose their logs and meet the third.
  private void lose() {
    one.loseLog();
    two.loseLog();
    cluster.loseAll();
    three.isCutOff = false;
    cluster.connectAll();
  }

  private void untilPageCame() {
    while (three.status().catchingUp().filter(it -> it.fetched() > 0).isEmpty()) {
      cluster.step();
    }
  }

  /// The transfer ends when some of it has come.
  private void breakOff(boolean isKilled) {
    untilPageCame();
    three.isCutOff = true;
    cluster.loseAll();
    if (isKilled) {
      cluster.rounds(2);
      three.restart();
    } else {
      three.on(new Event.PeerDown(one.key));
      three.on(new Event.PeerDown(two.key));
    }
  }

  private static int count(Member member, Table table) {
    int[] count = {0};
    member.state.scan(
        table,
        new byte[0],
        new byte[0],
        (_, _) -> {
          count[0]++;
          return true;
        });
    return count[0];
  }

  /// Cells that were sent.
  private long fetched() {
    return Stream.of(one, two)
        .flatMap(member -> member.sent(Message.Transferred.class).stream())
        .map(Message.Transferred::transfer)
        .filter(Transfer.Page.class::isInstance)
        .flatMap(page -> ((Transfer.Page) page).rows().stream())
        .filter(Row.CellRow.class::isInstance)
        .count();
  }

  private void assertEqual() {
    for (var member : List.of(one, two, three)) {
      assertThat(member.status().active()).isEqualTo(one.status().active());
      assertThat(member.status().digest()).isEqualTo(one.status().digest());
      assertThat(member.status().cells()).isEqualTo(one.status().cells());
    }
    StateCheck.holds(three);
    assertThat(Stream.of(Table.values()).filter(Table::isFresh).mapToInt(it -> count(three, it)))
        .containsOnly(0);
  }

  private static Message twice(Message message, byte[] name, CellDigest digest) {
    if (!(message instanceof Message.Transferred(var space, long session, var transfer))) {
      return message;
    }
    var forged =
        switch (transfer) {
          case Transfer.Offer offer ->
              new Transfer.Offer(
                  offer.token(),
                  offer.digest().plus(digest),
                  offer.cells() + 1,
                  offer.hashesFrom(),
                  offer.groups());
          case Transfer.Page page -> {
            var rows = new ArrayList<>(page.rows());
            page.rows().stream()
                .filter(row -> row instanceof Row.CellRow cell && Arrays.equals(cell.name(), name))
                .forEach(rows::add);
            yield new Transfer.Page(page.page(), rows, page.isLast());
          }
          default -> transfer;
        };
    return new Message.Transferred(space, session, forged);
  }
}
