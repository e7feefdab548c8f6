package io.starling.replica;

import static io.starling.replica.request.Outcome.Reason.ABORTED;
import static io.starling.replica.request.Outcome.Reason.FAILED_PRECONDITION;
import static io.starling.replica.request.Outcome.Reason.INVALID_ARGUMENT;
import static io.starling.replica.request.Outcome.Reason.TOO_LARGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Every way in which a submission is refused: for what reason, with what words, without a trace.
class RefusalTest {

  private static final Limits LIMITS =
      new Limits(
          50,
          4_000,
          1_000,
          40,
          1_024,
          768 * 1024,
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          Duration.ofSeconds(60));

  private final Cluster cluster = new Cluster(2, LIMITS);
  private final Cluster.Member member = cluster.member(0);

  @BeforeEach
  void somethingIsThere() {
    member.commit(
        Cluster.set("register", "r"),
        Cluster.increment("counter", 3),
        Cluster.add("set", "e"),
        new Mutation.SetFlag(Path.of("flag"), true),
        merge("map", struct("inner", struct("leaf", new Value.Int(1)))));
    member.commit(Cluster.increment("deep", 0), new Mutation.Remove(Path.of("deep")));
    member.commit(
        new Mutation.Increment(Path.of("deep").field("n"), 1),
        new Mutation.AddElement(Path.of("deep").field("s"), new Value.Int(1)));
  }

  @Test
  void anOperationOfAnotherTypeThanWhatIsThere() {
    var register = "'register' holds a register, not a ";
    var rest = "; remove it first, or use an operation of its type";
    assertRefused(
        FAILED_PRECONDITION, register + "counter" + rest, Cluster.increment("register", 1));
    assertRefused(FAILED_PRECONDITION, register + "set" + rest, Cluster.add("register", "x"));
    assertRefused(
        FAILED_PRECONDITION,
        register + "flag" + rest,
        new Mutation.SetFlag(Path.of("register"), true));
    assertRefused(
        FAILED_PRECONDITION, register + "map" + rest, merge("register", struct("a", text("b"))));
    assertRefused(
        FAILED_PRECONDITION,
        register + "counter" + rest,
        new Mutation.Reset(Path.of("register"), Optional.empty()));
    assertRefused(
        FAILED_PRECONDITION,
        register + "set" + rest,
        new Mutation.RemoveElement(Path.of("register"), text("x")));
    assertRefused(
        FAILED_PRECONDITION,
        "'counter' holds a counter, not a register" + rest,
        Cluster.set("counter", "x"));
    assertRefused(
        FAILED_PRECONDITION, "'set' holds a set, not a register" + rest, Cluster.set("set", "x"));
    assertRefused(
        FAILED_PRECONDITION, "'flag' holds a flag, not a set" + rest, Cluster.add("flag", "x"));
    assertRefused(
        FAILED_PRECONDITION, "'map' holds a map, not a register" + rest, Cluster.set("map", "x"));
  }

  @Test
  void anOperationOfAnotherTypeInsideAMap() {
    var leaf = Path.of("map").field("inner").field("leaf");
    assertRefused(
        FAILED_PRECONDITION,
        "'map#inner.leaf' holds a register, not a counter; remove it first, or use an operation of"
            + " its type",
        new Mutation.Increment(leaf, 1));
    assertRefused(
        FAILED_PRECONDITION,
        "'map#inner' holds a map, not a register; remove it first, or use an operation of its type",
        new Mutation.Set(Path.of("map").field("inner"), text("x"), ReadRule.LATEST));
  }

  @Test
  void anOperationBelowWhatIsNoMap() {
    assertRefused(
        FAILED_PRECONDITION,
        "'register' holds a register, not a map; remove it first, or use an operation of its type",
        new Mutation.Increment(Path.of("register").field("n"), 1));
    assertRefused(
        FAILED_PRECONDITION,
        "'map#inner.leaf' holds a register, not a map; remove it first, or use an operation of its"
            + " type",
        new Mutation.SetFlag(
            Path.of("map").field("inner").field("leaf").field("below").field("more"), true));
  }

  @Test
  void aDocumentOverWhatIsNoDocument() {
    var rest = "; a document cannot replace it: change it by its own operations";
    assertRefused(
        FAILED_PRECONDITION,
        "'deep#n' holds a counter" + rest,
        merge("deep", struct("n", new Value.Int(1))));
    assertRefused(
        FAILED_PRECONDITION,
        "'deep#s' holds a set" + rest,
        merge("deep", struct("s", struct("x", new Value.Int(1)))));
  }

  @Test
  void aTypeIsSeenThoughWhatLayBeforeItWasRemovedInTheSameTransaction() {
    for (int i = 0; i < 3; i++) {
      var fields = new TreeMap<String, Value>();
      for (int field = 0; field < 10; field++) {
        fields.put("f" + i + field, new Value.Int(field));
      }
      member.commit(merge("wide", struct("in", new Value.Struct(fields))));
    }
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < 20; i++) {
      mutations.add(new Mutation.Remove(Path.of("wide").field("in").field("f" + i / 10 + i % 10)));
    }
    mutations.add(new Mutation.Set(Path.of("wide").field("in"), text("x"), ReadRule.LATEST));
    assertRefused(
        FAILED_PRECONDITION,
        "'wide#in' holds a map, not a register; remove it first, or use an operation of its type",
        mutations.toArray(Mutation[]::new));
  }

  @Test
  void aRemovalNamesCountersThoughMuchBeforeThemWasRemovedInTheSameTransaction() {
    var fields = new TreeMap<String, Value>();
    for (int field = 10; field < 35; field++) {
      fields.put("f" + field, new Value.Int(field));
    }
    member.commit(merge("wide", new Value.Struct(fields)));
    member.commit(new Mutation.Increment(Path.of("wide").field("z"), 5));
    var mutations = new ArrayList<Mutation>();
    for (int field = 10; field < 35; field++) {
      mutations.add(new Mutation.Remove(Path.of("wide").field("f" + field)));
    }
    mutations.add(new Mutation.Remove(Path.of("wide")));
    member.commit(mutations.toArray(Mutation[]::new));
    assertThat(member.view("wide")).isInstanceOf(View.Absent.class);
    StateCheck.holds(member);
  }

  @Test
  void tooLarge() {
    assertRefused(
        INVALID_ARGUMENT,
        "a value of 1001 bytes; at most 1000 are allowed",
        Cluster.set("k", "x".repeat(1_000)));
    assertRefused(
        INVALID_ARGUMENT,
        "an element of 1025 bytes; at most 1024 are allowed: keep large content under a key of its"
            + " own",
        Cluster.add("k", "x".repeat(1_024)));
    assertRefused(
        INVALID_ARGUMENT,
        "a value of 1001 bytes; at most 1000 are allowed",
        merge("doc", struct("f", text("x".repeat(1_000)))));
    assertRefused(
        INVALID_ARGUMENT,
        "a field name of 1025 bytes; at most 1024 are allowed (below 'doc')",
        merge("doc", struct("f".repeat(1_025), text("x"))));
    var name = "f".repeat(1_024);
    assertRefused(
        INVALID_ARGUMENT,
        "a path of 4099 bytes; at most 4096 are allowed (below 'doc#"
            + String.join(".", name, name, name)
            + "')",
        merge("doc", struct(name, struct(name, struct(name, struct(name, new Value.Int(1)))))));
  }

  @Test
  void tooDeep() {
    Value nested = text("x");
    for (int i = 0; i < Value.DEPTH_MAX; i++) {
      nested = struct("f", nested);
    }
    assertRefused(
        INVALID_ARGUMENT,
        "a path of more than 32 fields (below 'doc#" + "f.".repeat(31) + "f')",
        new Mutation.Merge(Path.of("doc").field("f"), (Value.Struct) nested, false));
    Value array = text("x");
    for (int i = 0; i < Value.DEPTH_MAX; i++) {
      array = new Value.Array(List.of(array));
    }
    member.commit(new Mutation.Set(Path.of("deepest"), array, ReadRule.LATEST));
    member.commit(new Mutation.AddElement(Path.of("deepest set"), array));
  }

  @Test
  void tooManyOperations() {
    var many = new Mutation[51];
    for (int i = 0; i < many.length; i++) {
      many[i] = Cluster.increment("n", 1);
    }
    assertRefused(TOO_LARGE, "a transaction of more than 50 operations; split it", many);
    var fields = new TreeMap<String, Value>();
    for (int i = 0; i < 51; i++) {
      fields.put("f" + i, new Value.Int(i));
    }
    assertRefused(
        TOO_LARGE,
        "a transaction of more than 50 operations; split it",
        merge("doc", new Value.Struct(fields)));
  }

  @Test
  void tooManyBytes() {
    var many = new Mutation[5];
    for (int i = 0; i < many.length; i++) {
      many[i] = Cluster.set("k" + i, "x".repeat(900));
    }
    assertRefused(
        TOO_LARGE, "a transaction of 4555 bytes; at most 4000 are allowed: split it", many);
  }

  @Test
  void tooManyCellsToClear() {
    for (int i = 0; i < 41; i++) {
      member.commit(Cluster.add("crowd", "e" + i));
    }
    var why = "'crowd' has more than 40 cells; remove its parts first";
    assertRefused(TOO_LARGE, why, new Mutation.Remove(Path.of("crowd")));
    member.commit(new Mutation.RemoveElement(Path.of("crowd"), text("e3")));
    member.commit(new Mutation.Remove(Path.of("crowd")));
    assertThat(member.view("crowd")).isInstanceOf(View.Absent.class);
  }

  /// Found by hand: a hundred thousand cells looked at by each of ten thousand operations keep
  /// every node busy for an hour.
  @Test
  void tooManyCellsToClearInAllOperationsOfATransaction() {
    var read = member.reader().token();
    for (int i = 0; i < 15; i++) {
      member.commit(Cluster.add("crowd", "e" + i));
    }
    var remove = new Mutation.Remove(Path.of("crowd"));
    assertRefusedAt(
        read,
        TOO_LARGE,
        "a transaction that clears more than 40 cells; split it",
        remove,
        remove,
        remove);
    member.commitAt(read, remove, remove);
    assertThat(member.reader().cardinality("crowd")).isEqualTo(15);
    member.commit(remove, remove, remove);
    assertThat(member.view("crowd")).isInstanceOf(View.Absent.class);
  }

  @Test
  void aCounterBeyondWhatJsonHolds() {
    long most = Limits.SHARE_MAX;
    var why = "'n' would count beyond 9007199254740992 on this node";
    member.commit(Cluster.increment("n", most));
    assertRefused(INVALID_ARGUMENT, why, Cluster.increment("n", 1));
    member.commit(Cluster.increment("n", -most));
    member.commit(Cluster.increment("n", -most));
    assertRefused(INVALID_ARGUMENT, why, Cluster.increment("n", -1));
    assertRefused(INVALID_ARGUMENT, why, Cluster.increment("n", Long.MIN_VALUE));
    assertRefused(INVALID_ARGUMENT, why, Cluster.increment("n", Long.MAX_VALUE));
  }

  @Test
  void aCounterThatIsResetHasRoomAgain() {
    for (int i = 0; i < 5; i++) {
      member.commit(Cluster.increment("n", Limits.SHARE_MAX));
      member.commit(new Mutation.Reset(Path.of("n"), Optional.empty()));
    }
    assertThat(member.value("n")).isEqualTo(new Value.Int(0));
    StateCheck.holds(member);
  }

  @Test
  void aResetOfWhatWasNeverCounted() {
    var why =
        "the reset of 'counter' names a total that this counter never had; read it again and pass"
            + " on what the read showed";
    var path = Path.of("counter");
    var real = ((View.Counter) member.view("counter")).shares().getFirst();
    var beyond = new NamedTally(real.share(), new Tally(9, 0, 3));
    assertRefused(INVALID_ARGUMENT, why, reset(path, beyond));
    var less = new NamedTally(real.share(), new Tally(real.seen().seq(), real.seen().index(), 2));
    assertRefused(INVALID_ARGUMENT, why, reset(path, less));
    var elsewhere = new NamedTally(new CellId.Share(Path.of("n"), member.self()), real.seen());
    assertRefused(INVALID_ARGUMENT, why, reset(path, elsewhere));
    assertRefused(
        INVALID_ARGUMENT,
        "the reset of 'counter' names the share of one replica twice; pass on what the read showed",
        new Mutation.Reset(path, Optional.of(List.of(real, real))));
  }

  @Test
  void aRemovalOfCountsThatItsReadDidNotShow() {
    var read = member.reader().token();
    member.commit(Cluster.increment("counter", 1));
    var why =
        "a counter at 'counter' has counted since the read that this answers to; read again and"
            + " repeat";
    assertRefusedAt(read, ABORTED, why, new Mutation.Remove(Path.of("counter")));
    assertRefusedAt(read, ABORTED, why, new Mutation.Reset(Path.of("counter"), Optional.empty()));
    member.commitAt(member.reader().token(), new Mutation.Remove(Path.of("counter")));
    assertThat(member.view("counter")).isInstanceOf(View.Absent.class);
  }

  @Test
  void aResetOfTotalsThatItsReadDidNotShow() {
    // Passed on from a later read than the one the transaction claims to answer to: sent so, no
    // other node would take the batch.
    var read = member.reader().token();
    member.commit(Cluster.increment("counter", 1));
    var later = ((View.Counter) member.view("counter")).shares().getFirst();
    assertRefusedAt(
        read,
        ABORTED,
        "a counter at 'counter' has counted since the read that this answers to; read again and"
            + " repeat",
        reset(Path.of("counter"), later));
    cluster.deliverAll();
    assertThat(cluster.alarms).isEmpty();
  }

  @Test
  void aRemovalThatHasItselfCountedUponWhatItsReadDidNotShow() {
    var read = member.reader().token();
    member.commit(Cluster.increment("counter", 1));
    var why =
        "a counter at 'counter' has counted since the read that this answers to; read again and"
            + " repeat";
    assertRefusedAt(
        read,
        ABORTED,
        why,
        Cluster.increment("counter", 5),
        new Mutation.Remove(Path.of("counter")));
    var now = member.reader().token();
    member.commit(Cluster.set("other", "write"));
    member.commitAt(now, Cluster.increment("counter", 5), new Mutation.Remove(Path.of("counter")));
    assertThat(member.view("counter")).isInstanceOf(View.Absent.class);
    cluster.deliverAll();
    assertThat(cluster.member(1).status().digest()).isEqualTo(member.status().digest());
  }

  @Test
  void aTransactionWithoutAChange() {
    assertRefused(INVALID_ARGUMENT, "a transaction without a change");
  }

  @Test
  void aPrincipalTooLong() {
    var before = StateCheck.contents(member.state);
    var outcomes =
        member.submit(
            List.of(
                new Submission(
                    0, "ü".repeat(65), Optional.empty(), List.of(Cluster.set("k", "v")))));
    assertThat(outcomes)
        .containsExactly(
            new Outcome.Refused(
                INVALID_ARGUMENT, "a principal of 130 bytes; at most 128 are allowed"));
    assertThat(StateCheck.contents(member.state)).isEqualTo(before);
  }

  @Test
  void aTokenOfAnotherSpace() {
    var foreign = new Token(SpaceId.of(Cluster.ID, "other", 0), List.of());
    assertRefusedAt(
        foreign,
        INVALID_ARGUMENT,
        "the token is of another space or cluster",
        Cluster.set("k", "v"));
  }

  @Test
  void aTokenOfAnotherBranch() {
    var head = member.reader().token().heads().getFirst();
    var forked =
        new Token(
            Cluster.MAIN, List.of(new Token.Prefix(head.replica(), head.seq(), head.hash() ^ 1)));
    assertRefusedAt(
        forked,
        INVALID_ARGUMENT,
        "the token names another batch 3 of "
            + head.replica()
            + " than is applied here; read again",
        Cluster.set("k", "v"));
  }

  @Test
  void whatWasDoneBeforeTheFaultOfATransactionIsUndone() {
    assertRefused(
        FAILED_PRECONDITION,
        "'register' holds a register, not a counter; remove it first, or use an operation of its"
            + " type",
        Cluster.set("fresh", "1"),
        Cluster.add("set", "another"),
        new Mutation.Remove(Path.of("map")),
        new Mutation.Remove(Path.of("counter")),
        new Mutation.SetFlag(Path.of("flag"), false),
        Cluster.increment("register", 1));
  }

  private void assertRefused(Outcome.Reason reason, String message, Mutation... mutations) {
    assertRefusedAt(Optional.empty(), reason, message, mutations);
  }

  private void assertRefusedAt(
      Token read, Outcome.Reason reason, String message, Mutation... mutations) {
    assertRefusedAt(Optional.of(read), reason, message, mutations);
  }

  private void assertRefusedAt(
      Optional<Token> read, Outcome.Reason reason, String message, Mutation... mutations) {
    Map<String, String> before = StateCheck.contents(member.state);
    var digest = member.status().digest();
    int effects = member.effects.size();
    var outcome = member.submit(read, mutations);
    assertThat(outcome).isEqualTo(new Outcome.Refused(reason, message));
    assertThat(member.effects).hasSize(effects + 1);
    assertThat(StateCheck.contents(member.state)).isEqualTo(before);
    assertThat(member.status().digest()).isEqualTo(digest);
    // Nor does it show in what is written next.
    member.commit(Cluster.increment("after", 1));
    StateCheck.holds(member);
  }

  static Mutation merge(String key, Value.Struct patch) {
    return new Mutation.Merge(Path.of(key), patch, false);
  }

  static Value.Struct struct(String field, Value value) {
    var fields = new TreeMap<String, Value>();
    fields.put(field, value);
    return new Value.Struct(fields);
  }

  private static Mutation reset(Path path, NamedTally seen) {
    return new Mutation.Reset(path, Optional.of(List.of(seen)));
  }

  private static Value text(String text) {
    return new Value.Text(text);
  }
}
