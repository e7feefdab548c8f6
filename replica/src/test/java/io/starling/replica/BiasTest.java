package io.starling.replica;

import static io.starling.replica.request.Outcome.Reason.FAILED_PRECONDITION;
import static io.starling.replica.request.Outcome.Reason.INVALID_ARGUMENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.limits.Limits;
import io.starling.replica.request.Mutation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Flags and sets where disabling and removing win over what is done concurrently.
final class BiasTest {

  private static final Path KEY = Path.of("access");
  private static final Value ANN = new Value.Text("ann");
  private static final Value BOB = new Value.Text("bob");

  private final Cluster cluster = new Cluster(2);
  private final Cluster.Member one = cluster.member(0);
  private final Cluster.Member other = cluster.member(1);

  @Test
  void aRemovalWinsOverAConcurrentAddition() {
    one.commit(add(ANN));
    cluster.deliverAll();

    one.commit(remove(ANN));
    other.commit(add(ANN), add(BOB));
    cluster.deliverAll();

    assertThat(elements(one)).containsExactly(BOB);
    assertThat(elements(other)).containsExactly(BOB);
  }

  /// Who takes a right away need not have heard that it was given.
  @Test
  void whatIsNotThereYetCanBeRemoved() {
    other.commit(add(ANN));
    assertThat(one.commit(remove(ANN)).operations()).isOne();
    cluster.deliverAll();

    assertThat(one.view("access")).isEqualTo(new View.Absent());
    assertThat(other.view("access")).isEqualTo(new View.Absent());
  }

  @Test
  void whoHasSeenTheRemovalMayAddAgain() {
    one.commit(add(ANN));
    one.commit(remove(ANN));
    cluster.deliverAll();
    other.commit(add(ANN));
    cluster.deliverAll();

    assertThat(elements(one)).containsExactly(ANN);
  }

  /// Each of two removals hides what was added beside it, until someone has seen both.
  @Test
  void allConcurrentRemovalsCount() {
    one.commit(remove(ANN));
    other.commit(remove(ANN));
    one.commit(add(ANN));
    cluster.deliverAll();
    assertThat(one.view("access")).isEqualTo(new View.Absent());

    one.commit(add(ANN));
    cluster.deliverAll();
    assertThat(elements(other)).containsExactly(ANN);
  }

  /// A clear of the whole key takes what was added and leaves removals: else it would let through
  /// what these were to hide.
  @Test
  void aRemovalOutlivesTheRemovalOfItsKey() {
    one.commit(add(BOB), remove(ANN));
    one.commit(new Mutation.Remove(KEY));
    other.commit(add(ANN));
    cluster.deliverAll();

    assertThat(one.view("access")).isEqualTo(new View.Absent());
    assertThat(other.view("access")).isEqualTo(new View.Absent());
  }

  @Test
  void ofAFlagDisablingWins() {
    one.commit(flag(true));
    cluster.deliverAll();
    one.commit(flag(false));
    other.commit(flag(true));
    cluster.deliverAll();
    assertThat(one.view("access")).isEqualTo(new View.Absent());

    other.commit(flag(true));
    cluster.deliverAll();
    assertThat(one.view("access")).isEqualTo(new View.Flag(Bias.REMOVE));
  }

  @Test
  void setsOfDifferentBiasAreDifferentTypes() {
    one.commit(add(ANN));
    var outcome = one.refused(new Mutation.AddElement(KEY, BOB));

    assertThat(outcome.reason()).isEqualTo(FAILED_PRECONDITION);
    assertThat(outcome.message()).contains("holds a remove-wins-set, not a set");
  }

  @Test
  void writtenConcurrentlyBothAreShown() {
    one.commit(add(ANN));
    other.commit(new Mutation.AddElement(KEY, BOB));
    cluster.deliverAll();

    assertThat(one.view("access").typeLabel()).isEqualTo("set+remove-wins-set");
    assertThat(one.reader().elements(KEY, Optional.empty(), 9).elements()).containsExactly(BOB);
    assertThat(one.reader().cardinality("access")).isEqualTo(2);
    assertThat(one.reader().contains(KEY, ANN)).isTrue();
  }

  @Test
  void pagesPassOverWhatWasRemoved() {
    for (int i = 0; i < 9; i++) {
      one.commit(add(new Value.Int(i)));
    }
    for (int i = 0; i < 9; i += 2) {
      one.commit(remove(new Value.Int(i)));
    }
    var first = one.reader().elements(KEY, Optional.empty(), 3);
    var rest = one.reader().elements(KEY, Optional.of(first.elements().getLast()), 3);

    assertThat(first).isEqualTo(page(true, 1, 3, 5));
    assertThat(rest).isEqualTo(page(false, 7));
    assertThat(one.reader().cardinality("access")).isEqualTo(4);
    assertThat(one.reader().contains(KEY, new Value.Int(2))).isFalse();
    assertThat(one.reader().view(KEY, 2)).isEqualTo(page(true, 1, 3));
  }

  /// Nothing shows, however many removals stand: so nothing has to be looked at.
  @Test
  void whatDoesNotShowIsRemovedAlready() {
    one.commit(remove(ANN));
    assertThat(one.commit(new Mutation.Remove(KEY)).operations()).isZero();
  }

  @Test
  void aSetThatIsNotThereIsNotOfAKind() {
    assertThat(one.reader().elements(KEY, Optional.empty(), 3))
        .isEqualTo(new View.Elements(Bias.ADD, List.of(), false));
  }

  /// A removal makes a cell, so its element is as long as one that is added.
  @Test
  void anElementThatIsTooLongIsNotRemoved() {
    var longer = new Value.Text("x".repeat(Limits.ELEMENT_BYTES_MAX));
    assertThat(one.refused(remove(longer)).reason()).isEqualTo(INVALID_ARGUMENT);
  }

  @Test
  void nothingOfItIsWrittenBeforeAllMembersReadIt() {
    cluster.batchFormat = BatchEncoding.FORMAT - 1;
    for (var change : List.of(add(ANN), remove(ANN), flag(true), flag(false))) {
      assertThat(one.refused(change).reason()).isEqualTo(FAILED_PRECONDITION);
    }
    one.commit(new Mutation.AddElement(KEY, ANN));

    assertThat(one.view("access").typeLabel()).isEqualTo("set");
  }

  /// A member of whom nothing is known yet comes in reach: who used the type before goes on.
  @Test
  void whatWasWrittenOnceMayBeWrittenWhoeverComes() {
    other.commit(add(ANN));
    cluster.deliverAll();
    cluster.batchFormat = BatchEncoding.FORMAT - 1;

    assertThat(one.commit(remove(ANN)).operations()).isOne();
    one.restart();
    assertThat(one.commit(add(ANN)).operations()).isOne();
  }

  private static Mutation add(Value element) {
    return new Mutation.AddElement(KEY, element, Bias.REMOVE);
  }

  private static Mutation remove(Value element) {
    return new Mutation.RemoveElement(KEY, element, Bias.REMOVE);
  }

  private static Mutation flag(boolean enabled) {
    return new Mutation.SetFlag(KEY, enabled, Bias.REMOVE);
  }

  private static View page(boolean more, long... elements) {
    var values = java.util.Arrays.stream(elements).<Value>mapToObj(Value.Int::new).toList();
    return new View.Elements(Bias.REMOVE, values, more);
  }

  private static List<Value> elements(Cluster.Member member) {
    return ((View.Elements) member.view("access")).elements();
  }
}
