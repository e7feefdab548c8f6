package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.replica.Cluster.Member;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.exchange.Peers;
import io.starling.replica.exchange.Stability;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.membership.Standing;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.read.Changed;
import io.starling.replica.read.Coverage;
import io.starling.replica.read.LogBudget;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.Submission;
import io.starling.replica.state.SpaceState;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus.Holder;
import io.starling.replica.truncation.Truncation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What goes from a log, what stays, and who is named for it.
class TruncationTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final long ENTRY_BYTES = 16;
  private static final LogRetention PATIENT =
      new LogRetention(1L << 30, HOUR.multipliedBy(24), HOUR);
  private static final LogRetention SMALL = new LogRetention(2_000, HOUR.multipliedBy(24), HOUR);
  private static final int PASS_ROUNDS = 12;

  @Test
  void whatAllHaveGoesOnceItIsOldAndTheLastOfEachStays() {
    var cluster = cluster(PATIENT);
    fill(cluster, 30);
    cluster.rounds(PASS_ROUNDS);
    assertThat(count(cluster.member(0))).isEqualTo(30);
    cluster.pass(HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    for (var member : cluster.members) {
      assertThat(count(member)).isEqualTo(3);
      assertThat(hashes(member)).hasSize(27);
      assertThat(member.status().log().truncated()).isEqualTo(27);
      assertThat(member.status().log().truncatedUnstable()).isZero();
      assertCounted(member);
    }
    cluster.member(1).commit(Cluster.set("k/1", "later"));
    cluster.rounds(2);
    assertThat(cluster.member(2).value("k/1")).isEqualTo(new Value.Text("later"));
    assertThat(cluster.alarms).isEmpty();
  }

  @Test
  void hashesOfWhatAllHaveGoWhenManyHaveFollowed() {
    var cluster = cluster(PATIENT);
    for (int i = 0; i < 200; i++) {
      cluster.member(0).commit(Cluster.set("k/" + i, "v"));
    }
    cluster.rounds(2);
    cluster.pass(HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    assertThat(count(cluster.member(1))).isEqualTo(1);
    // The last 64 keep theirs, one of them with its body.
    assertThat(hashes(cluster.member(1))).hasSize(63);
  }

  /// What it had applied when it was last heard is not waited for to grow.
  @Test
  void whoIsNoMemberAnyMoreKeepsNothingFromBeingStable() {
    var cluster = cluster(PATIENT);
    fill(cluster, 30);
    cluster.rounds(3);
    var one = cluster.member(0);
    var two = cluster.member(1);
    var three = cluster.member(2);
    assertThat(one.status().stable()).isEqualTo(one.status().active());
    three.isCutOff = true;
    for (var member : List.of(one, two)) {
      member.on(new Event.PeerDown(three.key));
    }
    fill(cluster, 30);
    cluster.rounds(3);
    assertThat(one.status().active()).isEqualTo(two.status().active());
    assertThat(one.status().stable()).isNotEqualTo(one.status().active());
    var revocation = one.revocation(three);
    one.hear(revocation);
    two.hear(revocation);
    cluster.rounds(3);
    assertThat(one.status().stable()).isEqualTo(one.status().active());
  }

  @Test
  void whoHoldsBackIsNamedSinceWhatItLacksWasWritten() {
    var cluster = cluster(PATIENT);
    fill(cluster, 30);
    cluster.rounds(PASS_ROUNDS);
    var one = cluster.member(0);
    assertThat(one.status().log().holders()).isEmpty();
    var three = cluster.member(2);
    three.isCutOff = true;
    cluster.pass(HOUR.toMillis());
    cluster.rounds(2);
    long wrote = one.now().toEpochMilli();
    one.commit(Cluster.set("late", "1"));
    cluster.rounds(2);
    cluster.pass(2 * HOUR.toMillis());
    one.commit(Cluster.set("late", "2"));
    cluster.rounds(PASS_ROUNDS);
    var holder = only(one.status().log().holders());
    assertThat(holder.member()).isEqualTo(three.key);
    assertThat(holder.isAtLeast()).isFalse();
    assertThat(holder.sinceMillis()).isBetween(wrote - 1_000, wrote + 1_000);
    assertThat(bodies(one).get(one.self())).containsExactly(11L, 12L);

    three.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(PASS_ROUNDS);
    assertThat(one.status().log().holders()).isEmpty();
    assertThat(bodies(one).get(one.self())).containsExactly(12L);
  }

  @Test
  void afterARestartAHolderIsNamedSinceThenAtLeast() {
    var cluster = cluster(PATIENT);
    var one = cluster.member(0);
    cluster.member(2).isCutOff = true;
    one.commit(Cluster.set("a", "1"));
    cluster.rounds(2);
    cluster.pass(HOUR.toMillis());
    long opened = one.now().toEpochMilli();
    one.restart();
    cluster.connectAll();
    cluster.rounds(3);
    assertThat(only(one.status().log().holders()))
        .isEqualTo(new Holder(cluster.member(2).key, opened, true));
  }

  @Test
  void aMemberThatWasNeverHeardHoldsBackToo() {
    var cluster = cluster(PATIENT);
    cluster.member(2).isCutOff = true;
    cluster.members.forEach(Member::restart);
    cluster.member(0).on(new Event.PeerUp(cluster.member(1).key));
    cluster.member(1).on(new Event.PeerUp(cluster.member(0).key));
    fill(cluster, 20);
    cluster.pass(2 * HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    assertThat(count(cluster.member(0))).isGreaterThanOrEqualTo(14);
    assertThat(cluster.member(0).status().log().holders())
        .extracting(Holder::member)
        .contains(cluster.member(2).key);
  }

  @Test
  void pastTheAgeItGoesThoughOneLacksItAndItsHashStays() {
    var cluster = cluster(PATIENT);
    var one = cluster.member(0);
    var three = cluster.member(2);
    three.isCutOff = true;
    fill(cluster, 30);
    one.commit(new Mutation.Remove(Path.of("k/3")));
    cluster.rounds(2);
    var beyond = one.status().token();
    cluster.pass(25 * HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    assertThat(one.status().log().truncatedUnstable()).isPositive();
    assertThat(bodies(one).get(cluster.member(1).self())).hasSize(1);
    for (var head : beyond.heads()) {
      for (long seq = 1; seq <= head.seq(); seq++) {
        assertThat(new StoredSpace(one.state).hash(head.replica(), seq)).isPresent();
      }
    }
    // So another branch is told from this one.
    var other = new Token.Prefix(one.self(), 2, 12_345);
    assertThat(one.reader().coverage(new Token(Cluster.MAIN, List.of(other))))
        .isEqualTo(Coverage.FOREIGN);

    three.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(30);
    assertThat(three.sent(Message.Transferred.class)).isNotEmpty();
    assertEqual(cluster);
    assertThat(three.value("k/3")).isEqualTo(new Value.Null());
    assertThat(three.value("k/4")).isEqualTo(new Value.Text("v4"));
  }

  @Test
  void whatAMemberWroteAndNobodyHasStaysPastEveryLimit() {
    var cluster = cluster(SMALL);
    var three = cluster.member(2);
    fill(cluster, 30);
    cluster.rounds(2);
    three.isCutOff = true;
    for (int i = 0; i < 50; i++) {
      three.commit(Cluster.set("own/" + i, "x".repeat(100)));
    }
    three.commit(new Mutation.Remove(Path.of("k/5")));
    cluster.member(0).commit(new Mutation.Remove(Path.of("k/6")));
    fill(cluster, 60);
    cluster.pass(100 * HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    assertThat(bodies(three).get(three.self())).hasSizeGreaterThanOrEqualTo(51);
    assertThat(three.status().log().bytes()).isGreaterThan(SMALL.bytes());

    three.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(40);
    assertEqual(cluster);
    var one = cluster.member(0);
    assertThat(one.value("own/49")).isEqualTo(new Value.Text("x".repeat(100)));
    assertThat(one.value("k/5")).isEqualTo(new Value.Text("v5"));
    assertThat(bodies(three).get(three.self())).hasSize(1);
  }

  @Test
  void pastTheSizeTheOldestGoWhoeverWroteThem() {
    var cluster = cluster(SMALL);
    for (int i = 0; i < 40; i++) {
      cluster.member(i % 3).commit(Cluster.set("k/" + i, "x".repeat(50)));
      cluster.rounds(1);
    }
    for (var member : cluster.members) {
      assertThat(member.status().log().bytes()).isLessThanOrEqualTo(SMALL.bytes());
      assertCounted(member);
      var left = new ArrayList<Long>();
      bodies(member).values().forEach(left::addAll);
      assertThat(left).allMatch(seq -> seq > 8);
      assertThat(member.status().log().oldestMillis().orElseThrow())
          .isGreaterThan(cluster.member(0).now().toEpochMilli() - 15_000);
    }
  }

  @Test
  void aStepIsSmall() {
    var cluster = cluster(PATIENT);
    var one = cluster.member(0);
    for (int i = 0; i < 1_000; i++) {
      one.commit(Cluster.set("k", "v" + i));
    }
    cluster.rounds(2);
    cluster.pass(HOUR.toMillis());
    one.effects.clear();
    cluster.rounds(PASS_ROUNDS);
    assertThat(bodies(one).get(one.self())).hasSize(1);
    var steps =
        one.effects.stream()
            .filter(Effect.Persist.class::isInstance)
            .map(Effect.Persist.class::cast);
    assertThat(steps.map(it -> it.changes().writes().size()).toList())
        .hasSizeGreaterThan(3)
        .allMatch(writes -> writes <= Limits.TRUNCATED_PER_STEP + 10);
  }

  @Test
  void whatIsKeptIsKnownAgainAfterARestart() {
    var cluster = cluster(SMALL);
    for (int i = 0; i < 30; i++) {
      cluster.member(i % 3).commit(Cluster.set("k/" + i, "x".repeat(50)));
      cluster.rounds(1);
    }
    var one = cluster.member(0);
    long bytes = one.status().log().bytes();
    one.restart();
    assertThat(one.status().log().bytes()).isEqualTo(bytes);
    cluster.connectAll();
    for (int i = 0; i < 30; i++) {
      one.commit(Cluster.set("k/" + i, "y".repeat(50)));
      cluster.rounds(1);
    }
    assertThat(one.status().log().bytes()).isLessThanOrEqualTo(SMALL.bytes());
    assertCounted(one);
  }

  @Test
  void theLogOfAnOlderVersionIsCountedOnce() {
    var cluster = cluster(PATIENT);
    fill(cluster, 30);
    var one = cluster.member(0);
    var gone = new ArrayList<Changes.Write>();
    one.state.scan(
        Table.META,
        new byte[0],
        new byte[0],
        (key, _) -> {
          if (key[0] == 'u' || key[0] == 'l') {
            gone.add(new Changes.Write(Table.META, key.clone(), Optional.empty()));
          }
          return true;
        });
    assertThat(gone).isNotEmpty();
    one.state.persist(new Changes(gone));
    one.restart();
    assertCounted(one);
    cluster.connectAll();
    cluster.pass(HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    assertThat(count(one)).isLessThan(6);
    assertCounted(one);
  }

  @Test
  void aTokenFromBeforeTheLogIsCoveredAndWhatChangedSinceIsNotKnown() {
    var cluster = cluster(PATIENT);
    var one = cluster.member(0);
    fill(cluster, 30);
    var old = one.status().token();
    fill(cluster, 30);
    cluster.rounds(2);
    var now = one.status().token();
    cluster.pass(HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    var reader = one.reader();
    assertThat(reader.coverage(old)).isEqualTo(Coverage.COVERED);
    assertThat(changed(one, old)).isEqualTo(new Changed.BehindLog());
    assertThat(changed(one, now)).isInstanceOf(Changed.Keys.class);
    var submission =
        new Submission(
            0,
            new Request(
                "test",
                Optional.empty(),
                Optional.empty(),
                Optional.of(old),
                List.of(Cluster.set("k/1", "mine"))));
    var outcome = (Outcome.Refused) one.submit(List.of(submission)).getFirst();
    assertThat(outcome.message()).isEqualTo("too much has changed since the token; read again");
  }

  @Test
  void aPullFromBeforeTheLogIsToldSoAndOneFromItsEdgeIsAnswered() {
    var cluster = cluster(PATIENT);
    var one = cluster.member(0);
    for (int i = 0; i < 10; i++) {
      one.commit(Cluster.set("k/" + i, "v"));
    }
    cluster.rounds(2);
    cluster.pass(HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    var two = cluster.member(1);
    var stored = new StoredSpace(one.state);
    for (long seq = 0; seq <= 10; seq++) {
      var have = new ArrayList<Token.Prefix>();
      if (seq > 0) {
        long first = stored.hash(one.self(), seq).orElseThrow().first();
        have.add(new Token.Prefix(one.self(), seq, first));
      }
      one.effects.clear();
      one.hear(two, new Message.Pull(Cluster.MAIN, new Token(Cluster.MAIN, have)));
      if (seq < 9) {
        assertThat(one.sent(Message.Behind.class))
            .containsExactly(new Message.Behind(Cluster.MAIN, one.self(), 10));
      } else {
        var answer = only(one.sent(Message.Batches.class));
        assertThat(answer.batches()).hasSize(seq == 9 ? 1 : 0);
      }
    }
    assertThat(one.sent(Message.Transferred.class)).isEmpty();
  }

  @Test
  void ofTooManyHashesTheOldestGoThoughOneLacksTheBatches() {
    var cluster = cluster(PATIENT);
    var one = cluster.member(0);
    cluster.member(2).isCutOff = true;
    for (int i = 0; i < 200; i++) {
      one.commit(Cluster.set("k/" + i, "v"));
    }
    cluster.rounds(2);
    cluster.pass(25 * HOUR.toMillis());
    cluster.rounds(PASS_ROUNDS);
    assertThat(hashes(one)).hasSize(199);

    var state = new SpaceState(Cluster.MAIN, one.state);
    var standing =
        new Standing(
            Cluster.MAIN, one.key, state, new CausalBuffer(1, 1_000), () -> new TreeSet<>());
    var peers = new Peers(one.key, state, standing);
    var members = new TreeSet<>(List.of(one.key, cluster.member(2).key));
    var stability = new Stability(one.key, () -> members, state, peers, 0);
    var truncation = new Truncation(one.key, state, stability, PATIENT, 100);
    for (int round = 0; round < 10; round++) {
      truncation.round();
    }
    while (truncation.hasWork()) {
      truncation.work(OptionalLong.of(one.now().toEpochMilli()));
    }
    one.state.persist(state.flush());
    // Not those of the last 64.
    assertThat(hashes(one)).containsExactlyElementsOf(LongStream.range(137, 200).boxed().toList());
  }

  @Test
  void nothingGoesByAClockThatIsFarOff() {
    var cluster = cluster(PATIENT);
    fill(cluster, 30);
    cluster.rounds(2);
    var one = cluster.member(0);
    one.clockSkewMillis = 1_000 * HOUR.toMillis();
    cluster.rounds(PASS_ROUNDS);
    assertThat(one.status().log().truncated()).isZero();
    assertThat(count(one)).isEqualTo(30);
  }

  @Test
  void aSingleMemberKeepsItsLogUpToTheLimits() {
    var cluster = new Cluster(1, Limits.DEFAULT.retaining(SMALL));
    var one = cluster.member(0);
    for (int i = 0; i < 40; i++) {
      one.commit(Cluster.set("k/" + i, "x".repeat(50)));
    }
    cluster.rounds(PASS_ROUNDS);
    assertThat(one.status().log().bytes()).isBetween(1_000L, SMALL.bytes());
    assertThat(one.status().log().holders()).isEmpty();
  }

  private static Changed changed(Member member, Token since) {
    return member.reader().changedSince(since, 100, LogBudget.of(1_000, 1 << 20));
  }

  private static Cluster cluster(LogRetention retention) {
    return new Cluster(3, Limits.DEFAULT.retaining(retention));
  }

  private static void fill(Cluster cluster, int keys) {
    for (int i = 0; i < keys; i++) {
      cluster.member(i % 3).commit(Cluster.set("k/" + i, "v" + i));
    }
    cluster.deliverAll();
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }

  private static void assertEqual(Cluster cluster) {
    var one = cluster.member(0).status();
    for (var member : cluster.members) {
      assertThat(member.status().active()).isEqualTo(one.active());
      assertThat(member.status().digest()).isEqualTo(one.digest());
      StateCheck.holds(member);
    }
  }

  /// The size that is kept up to date is that of what is there.
  private static void assertCounted(Member member) {
    long[] bytes = {0};
    member.state.scan(
        Table.LOG,
        new byte[0],
        new byte[0],
        (_, entry) -> {
          bytes[0] += entry.length > 32 ? ENTRY_BYTES + entry.length : 0;
          return true;
        });
    assertThat(member.status().log().bytes()).isEqualTo(bytes[0]);
  }

  /// The seqs of the batches in a log, by replica.
  static TreeMap<ReplicaId, List<Long>> bodies(Member member) {
    return entries(member, true);
  }

  private static int count(Member member) {
    return bodies(member).values().stream().mapToInt(List::size).sum();
  }

  private static List<Long> hashes(Member member) {
    return entries(member, false).values().stream().flatMap(List::stream).toList();
  }

  private static TreeMap<ReplicaId, List<Long>> entries(Member member, boolean isBody) {
    var replicas = new TreeMap<Integer, ReplicaId>();
    new StoredSpace(member.state).heads().forEach(it -> replicas.put(it.number(), it.replica()));
    var found = new TreeMap<ReplicaId, List<Long>>();
    member.state.scan(
        Table.LOG,
        new byte[0],
        new byte[0],
        (key, entry) -> {
          if (entry.length > 32 == isBody) {
            var in = new Decoder(key);
            try {
              var replica = replicas.get(in.u32());
              found.computeIfAbsent(replica, _ -> new ArrayList<>()).add(in.u64());
            } catch (MalformedException broken) {
              throw new AssertionError(broken);
            }
          }
          return true;
        });
    return found;
  }
}
