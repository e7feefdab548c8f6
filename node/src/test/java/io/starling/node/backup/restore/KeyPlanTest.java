package io.starling.node.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import io.starling.node.member.Forms;
import io.starling.node.member.Member;
import io.starling.node.space.Space;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a plan says, and that a space to which it is applied reads as it should.
final class KeyPlanTest {

  private final TestNode then = TestNode.inMemory();
  private final TestNode now = TestNode.inMemory();

  @AfterEach
  void close() throws Exception {
    then.close();
    now.close();
  }

  private static Outcome apply(Space space, List<Mutation> mutations) {
    try {
      return space
          .submit("someone", Optional.empty(), mutations)
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  private static View view(TestNode node) {
    try (var snapshot = node.main().read()) {
      return snapshot.reader().view(Path.of("k"), 10_000);
    }
  }

  private KeyPlan plan(boolean deletesExtra) {
    return KeyPlan.of("k", view(then), view(now), deletesExtra);
  }

  private void carryOut(KeyPlan plan) {
    if (!plan.mutations().isEmpty()) {
      assertThat(apply(now.main(), plan.mutations())).isInstanceOf(Outcome.Committed.class);
    }
  }

  private static Path k(String... fields) {
    return new Path("k", List.of(fields));
  }

  private static Mutation set(Path path, long value) {
    return new Mutation.Set(path, new Value.Int(value), ReadRule.LATEST);
  }

  @Test
  void aCounterIsCountedByTheDifference() {
    apply(then.main(), List.of(new Mutation.Increment(k(), 40)));
    apply(now.main(), List.of(new Mutation.Increment(k(), 47)));
    assertThat(plan(false).mutations()).containsExactly(new Mutation.Increment(k(), -7));
    carryOut(plan(false));
    assertThat(view(now).toValue()).isEqualTo(new Value.Int(40));
    assertThat(plan(true).isDone()).isTrue();
  }

  @Test
  void elementsComeAndGo() {
    for (long i = 0; i < 5; i++) {
      apply(then.main(), List.of(new Mutation.AddElement(k(), new Value.Int(i))));
      apply(now.main(), List.of(new Mutation.AddElement(k(), new Value.Int(i + 3))));
    }
    var plan = plan(false);
    assertThat(plan.mutations())
        .containsExactly(
            new Mutation.AddElement(k(), new Value.Int(0)),
            new Mutation.AddElement(k(), new Value.Int(1)),
            new Mutation.AddElement(k(), new Value.Int(2)));
    assertThat(plan.kept()).containsExactly("3 elements of k");
    carryOut(plan(true));
    assertThat(view(now)).isEqualTo(view(then));
    assertThat(plan(true).isDone()).isTrue();
  }

  @Test
  void fieldsOfADocumentAreComparedOneByOne() throws Exception {
    apply(then.main(), List.of(set(k("a"), 1), set(k("b", "c"), 2), set(k("gone"), 3)));
    apply(now.main(), List.of(set(k("a"), 1), set(k("b", "c"), 9), set(k("b", "new"), 4)));
    var plan = plan(false);
    assertThat(plan.mutations()).containsExactly(set(k("b", "c"), 2), set(k("gone"), 3));
    assertThat(plan.kept()).containsExactly("k#b.new");
    assertThat(plan(true).mutations()).contains(new Mutation.Remove(k("b", "new")));
    carryOut(plan(true));
    assertThat(view(now).toValue()).isEqualTo(view(then).toValue());
  }

  @Test
  void whatTheBackupHasNotStaysUnlessItIsToGo() {
    apply(now.main(), List.of(set(k(), 1)));
    assertThat(plan(false).mutations()).isEmpty();
    assertThat(plan(false).kept()).containsExactly("k");
    assertThat(plan(true).mutations()).containsExactly(new Mutation.Remove(k()));
    carryOut(plan(true));
    assertThat(view(now)).isEqualTo(new View.Absent());
  }

  @Test
  void anotherTypeIsReplacedOnlyWhereThatIsWanted() {
    apply(then.main(), List.of(set(k(), 5)));
    apply(now.main(), List.of(new Mutation.Increment(k(), 3)));
    assertThat(plan(false).mutations()).isEmpty();
    assertThat(plan(false).obstacles()).singleElement().asString().contains("counter now");
    carryOut(plan(true));
    assertThat(view(now).toValue()).isEqualTo(new Value.Int(5));
    assertThat(view(now)).isInstanceOf(View.Register.class);
  }

  /// Newer types are written once all members are known to read them.
  private static void describe(TestNode node) {
    var member = new Member(node.fingerprint(), "alone", "", "here", List.of(), Forms.own());
    var outcome = node.spaces().describe(member, List.of()).toCompletableFuture().join();
    assertThat(outcome).isInstanceOf(Outcome.Committed.class);
  }

  @Test
  void whatWinsIsPartOfTheType() {
    describe(then);
    describe(now);
    apply(
        then.main(),
        List.of(
            new Mutation.SetFlag(k("f"), true, Bias.REMOVE),
            new Mutation.AddElement(k("s"), new Value.Int(1), Bias.REMOVE)));
    apply(
        now.main(),
        List.of(
            new Mutation.SetFlag(k("f"), true), new Mutation.AddElement(k("s"), new Value.Int(1))));
    assertThat(plan(false).mutations()).isEmpty();
    assertThat(plan(false).obstacles()).hasSize(2);
    carryOut(plan(true));
    assertThat(view(now)).isEqualTo(view(then));
    assertThat(plan(true).isDone()).isTrue();
  }

  @Test
  void theGreatestBecomesTheLesserOneThatItWas() {
    describe(then);
    describe(now);
    apply(then.main(), List.of(new Mutation.Set(k(), new Value.Int(5), ReadRule.MAX)));
    apply(now.main(), List.of(new Mutation.Set(k(), new Value.Int(9), ReadRule.MAX)));
    carryOut(plan(false));
    assertThat(view(now).toValue()).isEqualTo(new Value.Int(5));
    assertThat(((View.Register) view(now)).rule()).isEqualTo(ReadRule.MAX);
  }

  @Test
  void anEmptyMapAndACounterAtZeroAndANullAreThere() {
    apply(
        then.main(),
        List.of(
            new Mutation.Merge(k("m"), new Value.Struct(new TreeMap<>()), false),
            new Mutation.Increment(k("c"), 0),
            new Mutation.Set(k("n"), new Value.Null(), ReadRule.LATEST),
            new Mutation.SetFlag(k("f"), true)));
    carryOut(plan(false));
    assertThat(view(now).toValue()).isEqualTo(view(then).toValue());
    assertThat(plan(true).isDone()).isTrue();
  }

  @Test
  void severalValuesAtOnceBecomeTheLatest() throws Exception {
    var other = TestNode.inMemory();
    try (other) {
      var all = new Mutation.Set(k(), new Value.Text("here"), ReadRule.ALL);
      apply(then.main(), List.of(all));
      apply(other.main(), List.of(new Mutation.Set(k(), new Value.Text("there"), ReadRule.ALL)));
      then.join(other);
      org.awaitility.Awaitility.await()
          .until(() -> view(then) instanceof View.Register it && it.values().size() == 2);
      carryOut(plan(false));
      assertThat(((View.Register) view(now)).rule()).isEqualTo(ReadRule.ALL);
      assertThat(plan(true).isDone()).isTrue();
    }
  }

  @Test
  void twoTypesAtOnceCannotBeBroughtAbout() {
    var views = new TreeMap<io.starling.crdt.cell.CellKind, View>();
    views.put(io.starling.crdt.cell.CellKind.FLAG, new View.Flag(Bias.ADD));
    views.put(
        io.starling.crdt.cell.CellKind.SET,
        new View.Elements(Bias.ADD, List.of(new Value.Int(1)), false));
    var conflict = new View.Conflict(views);
    var plan = KeyPlan.of("k", conflict, new View.Absent(), true);
    assertThat(plan.mutations()).isEmpty();
    assertThat(plan.obstacles()).singleElement().asString().contains("two types at once");
    assertThat(KeyPlan.of("k", conflict, conflict, true).isDone()).isTrue();
  }

  /// Whatever was and is there: carried out, it reads as it did, and another plan is empty.
  @Test
  void anyValueIsBroughtBack() {
    for (int seed = 0; seed < 60; seed++) {
      var random = new Random(seed);
      for (var node : List.of(then, now)) {
        for (var mutation : some(random)) {
          apply(node.main(), List.of(mutation));
        }
      }
      carryOut(plan(false));
      assertThat(plan(false).mutations()).as("seed " + seed).isEmpty();
      carryOut(plan(true));
      assertThat(view(now).toValue()).as("seed " + seed).isEqualTo(view(then).toValue());
      assertThat(plan(true).isDone()).as("seed " + seed).isTrue();
    }
  }

  private static List<Mutation> some(Random random) {
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < 8; i++) {
      var fields = new ArrayList<String>();
      for (int depth = random.nextInt(3); depth > 0; depth--) {
        fields.add(List.of("a", "b").get(random.nextInt(2)));
      }
      var path = new Path("k", fields);
      mutations.add(
          switch (random.nextInt(6)) {
            case 0 -> set(path, random.nextInt(3));
            case 1 -> new Mutation.Increment(path, random.nextInt(9) - 4);
            case 2 -> new Mutation.SetFlag(path, random.nextBoolean());
            case 3 -> new Mutation.AddElement(path, new Value.Int(random.nextInt(4)));
            case 4 -> new Mutation.RemoveElement(path, new Value.Int(random.nextInt(4)));
            default -> new Mutation.Remove(path);
          });
    }
    return mutations;
  }
}
