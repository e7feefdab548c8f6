package io.starling.crdt.op;

import static io.starling.crdt.model.Ops.add;
import static io.starling.crdt.model.Ops.assign;
import static io.starling.crdt.model.Ops.disable;
import static io.starling.crdt.model.Ops.enable;
import static io.starling.crdt.model.Ops.increment;
import static io.starling.crdt.model.Ops.makeMap;
import static io.starling.crdt.model.Ops.nothing;
import static io.starling.crdt.model.Ops.number;
import static io.starling.crdt.model.Ops.numbers;
import static io.starling.crdt.model.Ops.object;
import static io.starling.crdt.model.Ops.remove;
import static io.starling.crdt.model.Ops.removeElement;
import static io.starling.crdt.model.Ops.reset;
import static io.starling.crdt.model.Ops.text;
import static io.starling.crdt.model.Ops.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.model.Batch;
import io.starling.crdt.model.MemoryCells;
import io.starling.crdt.model.State;
import io.starling.crdt.model.World;
import io.starling.crdt.read.View;
import io.starling.crdt.store.DotMap;
import io.starling.crdt.value.Value;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The question that each type answers: what remains when two replicas did this and that, neither
/// knowing of the other.
class EffectTest {

  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;

  private static final Path KEY = Path.of("k");
  private static final Path FIELD = KEY.field("f");
  private static final Path DEEP = FIELD.field("g");

  private final World world = new World();

  @Test
  void concurrentAddSurvivesRemove() {
    together(add(KEY, "x"));
    world.commit(A, removeElement(KEY, "x"));
    world.commit(B, add(KEY, "x"));
    assertThat(agreed(KEY)).isEqualTo(texts("x"));
  }

  @Test
  void concurrentAddSurvivesRemovalOfTheSet() {
    together(add(KEY, "x"), add(KEY, "y"));
    world.commit(A, remove(KEY));
    world.commit(B, add(KEY, "z"));
    assertThat(agreed(KEY)).isEqualTo(texts("z"));
  }

  @Test
  void removeTakesTheElementItsAuthorSaw() {
    together(add(KEY, "x"), add(KEY, "y"));
    world.commit(A, removeElement(KEY, "x"));
    assertThat(agreed(KEY)).isEqualTo(texts("y"));
    world.commit(C, removeElement(KEY, "y"));
    assertThat(agreed(KEY)).isEqualTo(nothing());
  }

  /// What was seen is replaced, not kept beside: else a cell would grow with every add.
  @Test
  void addingAgainLeavesOneDot() {
    for (int i = 0; i < 5; i++) {
      world.commit(i % 2, add(KEY, "x"), enable(FIELD), makeMap(DEEP));
      settled();
    }
    var cells = settled().cells().entries().values();
    assertThat(cells).hasSize(3);
    assertThat(cells).allMatch(cell -> ((Cell.Presence) cell).dots().entries().size() == 1);
  }

  @Test
  void concurrentEnableSurvivesDisable() {
    together(enable(KEY));
    world.commit(A, disable(KEY));
    world.commit(B, enable(KEY));
    assertThat(agreed(KEY)).isEqualTo(new Value.Bool(true));
    world.commit(C, disable(KEY));
    assertThat(agreed(KEY)).isEqualTo(nothing());
  }

  @Test
  void concurrentAssignmentsAreKeptAndTheLatestIsRead() {
    commitAt(A, 2, assign(KEY, "later"));
    commitAt(B, 1, assign(KEY, "earlier"));
    assertThat(agreed(KEY)).isEqualTo(text("later"));
    assertThat(((View.Register) world.state(A).view(KEY)).values()).hasSize(2);
    commitAt(C, 0, assign(KEY, "resolved"));
    assertThat(agreed(KEY)).isEqualTo(text("resolved"));
    assertThat(((View.Register) world.state(A).view(KEY)).values()).hasSize(1);
  }

  @Test
  void aRegisterThatKeepsAllReadsAll() {
    world.commit(A, all(1));
    world.commit(B, all(2));
    world.commit(C, all(3));
    assertThat(agreed(KEY)).isEqualTo(numbers(1, 2, 3));
  }

  @Test
  void concurrentAssignmentSurvivesRemoval() {
    together(assign(KEY, "old"));
    world.commit(A, remove(KEY));
    world.commit(B, assign(KEY, "new"));
    assertThat(agreed(KEY)).isEqualTo(text("new"));
  }

  @Test
  void incrementsOfAllAddUp() {
    world.commit(A, increment(KEY, 5));
    world.commit(B, increment(KEY, -7), increment(KEY, 3));
    world.commit(C, increment(KEY, 10));
    assertThat(agreed(KEY)).isEqualTo(number(11));
  }

  @Test
  void aResetTakesWhatItsAuthorSawAndNoMore() {
    together(increment(KEY, 5));
    world.commit(A, reset(KEY));
    world.commit(A, increment(KEY, 1));
    world.commit(B, increment(KEY, 10));
    world.commit(C, increment(KEY, 100));
    assertThat(agreed(KEY)).isEqualTo(number(111));
  }

  @Test
  void concurrentResetsTakeTheSameOnce() {
    together(increment(KEY, 5));
    world.commit(A, reset(KEY));
    world.commit(B, reset(KEY));
    assertThat(agreed(KEY)).isEqualTo(nothing());
    world.commit(C, increment(KEY, 2));
    assertThat(agreed(KEY)).isEqualTo(number(2));
  }

  /// The later dot counts, never the larger total: what was counted down is no less counted.
  @Test
  void aResetOfALaterLowerTotalStands() {
    together(increment(KEY, 100));
    world.commit(B, reset(KEY));
    world.commit(A, increment(KEY, -90));
    world.sync(A, C);
    world.commit(C, reset(KEY));
    assertThat(agreed(KEY)).isEqualTo(nothing());
  }

  @Test
  void aCounterThatCameToNoughtIsStillThere() {
    together(increment(KEY, 5));
    world.commit(B, increment(KEY, -5));
    assertThat(agreed(KEY)).isEqualTo(number(0));
  }

  @Test
  void aResetLeavesTheCountersBelow() {
    together(increment(KEY, 5), increment(FIELD, 7));
    world.commit(A, reset(KEY));
    assertThat(agreed(KEY)).isEqualTo(object("f", number(7)));
  }

  @Test
  void concurrentUpdateSurvivesRemovalOfTheMapAround() {
    together(makeMap(KEY), assign(DEEP, "old"), add(FIELD.field("s"), "x"), increment(FIELD, 5));
    world.commit(A, remove(KEY));
    world.commit(B, assign(DEEP, "new"));
    assertThat(agreed(KEY)).isEqualTo(object("f", object("g", text("new"))));
  }

  @Test
  void aMapWithAMarkOutlivesItsFields() {
    together(makeMap(KEY), assign(FIELD, "1"));
    world.commit(A, remove(FIELD));
    assertThat(agreed(KEY)).isEqualTo(new Value.Struct(new TreeMap<>()));
    world.commit(B, remove(KEY));
    assertThat(agreed(KEY)).isEqualTo(nothing());
  }

  @Test
  void aMapWithoutAMarkGoesWithItsLastField() {
    together(assign(FIELD, "1"));
    world.commit(A, remove(FIELD));
    assertThat(agreed(KEY)).isEqualTo(nothing());
  }

  @Test
  void anAssignmentReplacesAllTypesAtAndBelow() {
    together(
        add(KEY, "x"),
        enable(KEY),
        increment(KEY, 1),
        makeMap(KEY),
        assign(DEEP, "1"),
        increment(DEEP, 1));
    world.commit(B, assign(KEY, "only"));
    assertThat(agreed(KEY)).isEqualTo(text("only"));
  }

  @Test
  void typesCreatedConcurrentlyAreBothKept() {
    world.commit(A, assign(KEY, "text"));
    world.commit(B, increment(KEY, 3));
    world.commit(C, add(FIELD, "x"));
    var views = ((View.Conflict) settled().view(KEY)).views();
    assertThat(views.keySet()).hasSize(3);
    world.commit(A, assign(KEY, "resolved"));
    assertThat(agreed(KEY)).isEqualTo(text("resolved"));
  }

  @Test
  void anEditOfAnOlderReadReplacesWhatTheReadShowed() {
    world.commit(A, assign(KEY, "one"), add(FIELD, "x"));
    var shown = world.state(A);
    commitAt(A, 5, assign(KEY, "two"), add(FIELD, "y"));
    world.commit(A, HybridTime.ZERO, Optional.of(shown), List.of(assign(KEY, "three")));
    var values = ((View.Conflict) settled().view(KEY)).views().get(CellKind.REGISTER);
    assertThat(((View.Register) values).values().values())
        .extracting(assignment -> ((Value.Text) assignment.value()).value())
        .containsExactly("two", "three");
    assertThat(agreed(FIELD)).isEqualTo(texts("y"));
  }

  @Test
  void aTransactionSeesWhatItDidBefore() {
    world.commit(A, add(KEY, "x"), removeElement(KEY, "x"), add(KEY, "y"), increment(FIELD, 3));
    world.commit(A, increment(FIELD, 4), reset(FIELD), increment(FIELD, 1));
    assertThat(agreed(KEY).toString()).doesNotContain("\"x\"");
    assertThat(agreed(FIELD)).isEqualTo(number(1));
  }

  /// The point of cells: what an update costs does not grow with the object.
  @Test
  void anElementIsAddedWithoutATouchToTheOthers() {
    for (int i = 0; i < 10; i++) {
      world.commit(A, add(KEY, "e" + i));
    }
    var touched = new TreeSet<CellId>();
    var cells =
        new CellTable() {
          private final MemoryCells inner = new MemoryCells(world.state(A).cells());

          @Override
          public Cell get(CellId id) {
            touched.add(id);
            return inner.get(id);
          }

          @Override
          public void put(CellId id, Cell content) {
            touched.add(id);
            inner.put(id, content);
          }

          @Override
          public List<CellId> atAndBelow(Path path) {
            throw new AssertionError("a scan of " + path);
          }
        };
    for (var operation :
        List.of(
            add(KEY, "new"),
            removeElement(KEY, "e1"),
            increment(KEY, 1),
            enable(KEY),
            disable(KEY),
            reset(KEY))) {
      touched.clear();
      var batch =
          Batch.of(
              World.REPLICAS.get(A),
              world.state(A),
              HybridTime.ZERO,
              Optional.empty(),
              List.of(operation));
      batch.apply(cells);
      assertThat(touched).hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void whatIsRemovedLeavesNoCell() {
    together(makeMap(KEY), add(FIELD, "x"), enable(DEEP), assign(DEEP, "1"));
    world.commit(A, remove(KEY));
    assertThat(settled().cells()).isEqualTo(DotMap.empty());
  }

  private static Operation all(long number) {
    return new Operation.Assign(KEY, new Value.Int(number), ReadRule.ALL, List.of());
  }

  private void commitAt(int replica, long millis, Operation... operations) {
    world.commit(replica, HybridTime.ofMillis(millis), Optional.empty(), List.of(operations));
  }

  /// All replicas have these to begin with.
  private void together(Operation... operations) {
    world.commit(A, operations);
    settled();
  }

  /// What all read once all have all, some by operations and some by states.
  private Value agreed(Path path) {
    return settled().view(path).toValue();
  }

  private State settled() {
    world.sync(B, A);
    world.sync(C, A);
    world.merge(A, B);
    world.merge(B, C);
    assertThat(world.state(A)).isEqualTo(world.state(B)).isEqualTo(world.state(C));
    return world.state(A);
  }
}
