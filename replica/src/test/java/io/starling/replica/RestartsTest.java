package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.Operation;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import io.starling.replica.request.Mutation;
import io.starling.replica.status.SpaceStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Ten thousand starts of nodes leave clocks as small, and events as cheap, as ten do, and the same
/// reads as if there had been none.
///
/// Three members start anew for each batch they write. Their batches are made here, as a start
/// makes them, for a store of ten thousand closed replicas takes a while to open, ten thousand
/// times; three others stay up, take them, write, pull, and start anew now and then.
class RestartsTest {

  private static final int STARTS = 10_000;
  private static final int STARTING = 3;
  private static final int ELEMENTS = 50;
  private static final int STARTS_A_ROUND = 150;

  /// All members, each with one active replica.
  private static final int ACTIVE = 2 * STARTING;

  private final Cluster cluster = new Cluster(STARTING);
  private final TreeMap<KeyFingerprint, SignedBatch> lasts = new TreeMap<>();

  // What the reads must be.
  private long counted;
  private long countedSinceReset;
  private final TreeSet<String> elements = new TreeSet<>();
  private final TreeMap<String, String> registers = new TreeMap<>();

  private int starts;

  /// A member starts and writes: a counter, an element, a register.
  private SignedBatch start() {
    int number = starts++;
    var key = new KeyFingerprint(100L + number % STARTING, 1);
    var batch = Forgery.by(new ReplicaId(key, number + 1L)).stamped(time());
    // All that is active, its predecessor among it, which it closes.
    heads().forEach(last -> batch.seeing(last.head()));
    Optional.ofNullable(lasts.get(key)).ifPresent(last -> batch.closing(last.head()));
    var element = "e" + number % ELEMENTS;
    var register = "r" + number % 7;
    int amount = 1 + number % 5;
    batch
        .doing(new Operation.Increment(Path.of("n"), amount))
        .doing(new Operation.Increment(Path.of("reset"), 1))
        .doing(new Operation.AddElement(Path.of("s"), new Value.Text(element)))
        .doing(
            new Operation.Assign(
                Path.of(register), new Value.Text("v" + number), ReadRule.LATEST, List.of()));
    counted += amount;
    countedSinceReset++;
    elements.add(element);
    registers.put(register, "v" + number);
    var signed = batch.sign();
    lasts.put(key, signed);
    return signed;
  }

  private List<SignedBatch> heads() {
    return lasts.values().stream()
        .sorted(Comparator.comparing(last -> last.batch().replica()))
        .toList();
  }

  private HybridTime time() {
    return HybridTime.ofMillis(cluster.member(0).now().toEpochMilli());
  }

  private void tell(SignedBatch batch) {
    var from = batch.batch().replica().key();
    var message = new Message.Batches(Cluster.MAIN, List.of(batch), Message.Part.FRESH);
    for (var member : cluster.members) {
      member.on(new Event.Arrived(from, List.of(message)));
      member.effects.clear();
    }
  }

  private void start(int count) {
    for (int i = 0; i < count; i++) {
      tell(start());
      if (i % STARTS_A_ROUND == 0) {
        // New incarnations of one key are taken in at a bounded rate.
        cluster.rounds(1);
      }
    }
  }

  /// All write on what they have, hear each other, and agree.
  private void settle() {
    for (var member : cluster.members) {
      member.commit(Cluster.increment("n", 1));
      counted++;
    }
    cluster.deliverAll();
    cluster.rounds(2);
    assertThat(cluster.alarms).isEmpty();
    var first = cluster.member(0).status();
    assertThat(first.buffered()).isZero();
    for (var member : cluster.members) {
      var status = member.status();
      assertThat(status.digest()).isEqualTo(first.digest());
      assertThat(status.closed()).isEqualTo(first.closed());
      assertThat(status.closedReplicas()).isEqualTo(starts - STARTING + restarts);
      assertThat(member.value("n")).isEqualTo(new Value.Int(counted));
      assertThat(member.value("reset")).isEqualTo(new Value.Int(countedSinceReset));
      var view = (View.Elements) member.view("s");
      assertThat(view.elements()).hasSize(elements.size());
      registers.forEach(
          (key, value) -> assertThat(member.value(key)).isEqualTo(new Value.Text(value)));
    }
  }

  private int restarts;

  private static void assertSmall(Cluster.Member member) {
    SpaceStatus status = member.status();
    assertThat(status.active().size()).isEqualTo(ACTIVE);
    assertThat(status.token().toBytes().length).isLessThan(300);
    member.commit(Cluster.set("small", "x"));
    var last = member.last();
    assertThat(last.batch().context().space().size()).isLessThan(ACTIVE);
    assertThat(last.body().length).isLessThan(300);
    assertThat(member.sent(Message.Announcement.class))
        .allSatisfy(sent -> assertThat(sent.beacon().body().length).isLessThan(400));
  }

  /// Rows of the store that something reads.
  private static long rows(Cluster.Member member, Runnable doing) {
    long before = member.reads.get();
    doing.run();
    return member.reads.get() - before;
  }

  /// What the events of a member that keeps up read.
  ///
  /// @param own a write
  /// @param others a batch of a member that has started anew
  /// @param pull the answer to one who lacks one batch
  /// @param opening a start
  private record Cost(long own, long others, long pull, long opening) {}

  private Cost cost() {
    var member = cluster.member(0);
    var other = cluster.member(1);
    long own = rows(member, () -> member.commit(Cluster.set("cost", "x")));
    cluster.deliverAll();
    var batch = start();
    long others = rows(member, () -> hear(member, batch));
    // The other lacks just this one, and asks for it.
    var have = other.status().token();
    member.effects.clear();
    long pull =
        rows(
            member,
            () ->
                member.on(
                    new Event.Arrived(other.key, List.of(new Message.Pull(Cluster.MAIN, have)))));
    assertThat(member.sent(Message.Batches.class).getLast().batches())
        .extracting(SignedBatch::hash)
        .containsExactly(batch.hash());
    cluster.members.forEach(each -> hear(each, batch));
    long opening =
        rows(
            member,
            () -> {
              member.restart();
              member.commit(Cluster.set("cost", "y"));
            });
    restarts++;
    cluster.connectAll();
    cluster.deliverAll();
    return new Cost(own, others, pull, opening);
  }

  private static void hear(Cluster.Member member, SignedBatch batch) {
    var message = new Message.Batches(Cluster.MAIN, List.of(batch), Message.Part.FRESH);
    member.on(new Event.Arrived(batch.batch().replica().key(), List.of(message)));
  }

  @Test
  void tenThousandStartsLeaveNothingThatGrowsInClocksAndEvents() {
    start(STARTS / 20);
    settle();
    // A reset, an old element and a removal meet what incarnations wrote that ended long ago.
    var early = cost();
    long earlyStarts = starts;
    start(STARTS / 2 - starts);
    cluster.member(1).commit(new Mutation.Remove(Path.of("reset")));
    countedSinceReset = 0;
    cluster.deliverAll();
    start(STARTS - starts - 1);
    settle();
    var late = cost();
    assertThat(starts).isEqualTo(STARTS);
    settle();
    assertThat(cluster.alarms).isEmpty();
    for (var member : cluster.members) {
      member.effects.clear();
      assertSmall(member);
    }
    cluster.deliverAll();
    assertThat(late.own()).as("rows read by a write").isLessThanOrEqualTo(early.own() + 10);
    assertThat(late.others()).as("rows read by a batch").isLessThanOrEqualTo(early.others() + 10);
    assertThat(late.pull()).as("rows read by a pull").isLessThanOrEqualTo(early.pull() + 10);
    // A start reads all heads and closes: so many rows for each, and not more for many than for
    // few.
    assertThat(late.opening() - early.opening())
        .as("rows read by a start")
        .isLessThanOrEqualTo(8 * (starts - earlyStarts) + 100);
  }
}
