package io.starling.crdt.bugs;

import static io.starling.crdt.model.Ops.add;
import static io.starling.crdt.model.Ops.assign;
import static io.starling.crdt.model.Ops.increment;
import static io.starling.crdt.model.Ops.nothing;
import static io.starling.crdt.model.Ops.number;
import static io.starling.crdt.model.Ops.object;
import static io.starling.crdt.model.Ops.remove;
import static io.starling.crdt.model.Ops.removeElement;
import static io.starling.crdt.model.Ops.text;
import static io.starling.crdt.model.Ops.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridClock;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.cell.Path;
import io.starling.crdt.model.Deltas;
import io.starling.crdt.model.State;
import io.starling.crdt.model.World;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Real bugs of real systems, by their numbers in the list of faults. The world holds every state
/// that a replica comes to against the oracle as well.
class KnownBugsTest {

  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;

  private static final Path KEY = Path.of("k");
  private static final Path FIELD = KEY.field("f");

  private final World world = new World();

  /// B2, Riak's doomstone. A key is deleted and made anew; the tombstone of the old one arrives
  /// late, looks as new as the new key, and swallows it.
  @Test
  void aLateRemovalSparesTheKeyMadeAnew() {
    world.commit(A, assign(KEY, "old"));
    world.commit(A, remove(KEY));
    var removal = world.deltas().getLast();
    world.commit(A, assign(KEY, "new"));
    var late = world.state(A).causal().join(removal).join(removal);
    assertThat(late.store()).isEqualTo(world.state(A).cells());
    assertThat(world.read(A, KEY)).isEqualTo(text("new"));
  }

  /// B3, Riak's sibling explosion. Two clients take turns at read, modify, write on two nodes; each
  /// write was kept beside the ones it replaced, though nothing had failed.
  @Test
  void interleavedWritersLeaveNoMoreValuesThanWriters() {
    for (int i = 0; i < 100; i++) {
      int writer = i % 2;
      if (i % 3 == 0) {
        world.sync(1 - writer, writer);
      }
      world.commit(writer, at(i), Optional.empty(), List.of(assign(KEY, "v" + i)));
      var values = ((View.Register) world.state(writer).view(KEY)).values();
      assertThat(values).hasSizeLessThanOrEqualTo(2);
    }
  }

  /// B5, riak_dt pull request 82. What was on both sides of a merge was taken to be present; but an
  /// element can be on both sides by different adds, each removed by someone.
  @Test
  void anElementOnBothSidesMayYetBeRemoved() {
    world.commit(A, add(KEY, "x"));
    world.commit(B, add(KEY, "x"));
    world.merge(A, C);
    world.commit(A, removeElement(KEY, "x"));
    world.merge(B, A);
    world.commit(B, removeElement(KEY, "x"));
    assertThat(world.read(A, KEY)).isEqualTo(texts("x"));
    assertThat(world.read(C, KEY)).isEqualTo(texts("x"));
    var merged = world.state(B).join(world.state(A).join(world.state(C)));
    world.check(merged);
    assertThat(merged.view(KEY)).isEqualTo(new View.Absent());
  }

  /// B6, riak_dt pull request 78. A shortcut took the side whose clock was not behind for the
  /// result of the merge, although the other side had removed something.
  @Test
  void aSideThatIsNotBehindIsNotTheResultForThat() {
    world.commit(A, add(KEY, "foo"), add(KEY, "bar"));
    world.commit(B, add(KEY, "baz"));
    var c = world.state(A).join(world.state(B));
    world.commit(A, removeElement(KEY, "bar"));
    for (var merged : List.of(world.state(A).join(c), c.join(world.state(A)))) {
      world.check(merged);
      assertThat(merged.view(KEY).toValue()).isEqualTo(texts("baz", "foo"));
    }
  }

  /// B7, riak_dt pull request 90. Fields that were written in one go shared a dot, and the dot was
  /// the key by which a merge matched them: one field took the other's place.
  @Test
  void fieldsOfOneTransactionAreToldApart() {
    var other = KEY.field("g");
    world.commit(A, assign(FIELD, "1"), assign(other, "2"));
    world.merge(A, B);
    world.commit(B, remove(FIELD));
    world.commit(A, assign(other, "3"));
    for (var merged :
        List.of(world.state(A).join(world.state(B)), world.state(B).join(world.state(A)))) {
      world.check(merged);
      assertThat(merged.view(KEY).toValue()).isEqualTo(object("g", text("3")));
    }
  }

  /// B8, riak_dt issue 99 and pull request 113. A removal reached a replica before the element it
  /// removes and was kept for later, inside the field. Then the field was removed, the waiting
  /// removal with it, and the element came to stay.
  @Test
  void aRemovalThatCameFirstIsNotLostWithItsField() {
    world.commit(B, add(FIELD, "1"));
    world.sync(B, C);
    var removal = world.commit(C, removeElement(FIELD, "1"));
    world.commit(A, add(FIELD, "2"));
    world.commit(A, remove(FIELD));
    assertThat(world.state(A).canApply(removal)).isFalse();
    var deltas = world.deltas();
    var a =
        Deltas.BOTTOM
            .join(deltas.get(2))
            .join(deltas.get(1))
            .join(deltas.get(3))
            .join(deltas.get(0));
    assertThat(a.store().isEmpty()).isTrue();
    world.merge(B, A);
    world.sync(C, A);
    assertThat(world.read(A, KEY)).isEqualTo(nothing());
  }

  /// B9, riak_dt pull request 93. To remove a field and add to it again dropped what was in it; to
  /// remove it and leave it so did not, once a concurrent update came.
  @Test
  void removingAFieldDropsWhatWasInItWhetherItIsMadeAgainOrNot() {
    for (boolean again : new boolean[] {false, true}) {
      var world = new World();
      world.commit(A, add(FIELD, "x"));
      world.merge(A, B);
      world.commit(B, add(FIELD, "y"));
      world.commit(A, remove(FIELD));
      if (again) {
        world.commit(A, add(FIELD, "z"));
      }
      world.merge(B, A);
      var expected = again ? texts("y", "z") : texts("y");
      assertThat(world.read(A, FIELD)).isEqualTo(expected);
    }
  }

  /// B10, rust-crdt issue 35. A merge of maps changed the clock of an entry and then used it as if
  /// it had not.
  @Test
  void aJoinChangesNeitherSide() {
    world.commit(A, add(FIELD.field("g"), "x"), increment(FIELD, 2));
    world.sync(A, B);
    world.sync(A, C);
    world.commit(A, remove(FIELD));
    world.commit(B, add(FIELD.field("g"), "y"));
    world.commit(C, assign(FIELD.field("h"), "z"));
    var a = world.state(A);
    var b = world.state(B);
    var c = world.state(C);
    var before = List.of(a.digest(), b.digest(), c.digest());
    assertThat(a.join(b).join(c)).isEqualTo(a.join(b.join(c))).isEqualTo(c.join(a).join(b));
    assertThat(List.of(a.digest(), b.digest(), c.digest())).isEqualTo(before);
    assertThat(a).isEqualTo(world.replay(a.vector()));
  }

  /// B11, Akka issue 22648. The removal of a key was a delta that knew the key and not what had
  /// been in it: merged by deltas, a removed binding came back; merged by states, it did not.
  @Test
  void aRemovedBindingStaysAwayByDeltaAsByState() {
    world.commit(A, add(FIELD, "B1"));
    var a = world.state(A);
    world.commit(B, add(FIELD, "B2"));
    world.commit(B, remove(FIELD));
    var b = world.state(B);
    var deltas = world.deltas();
    var byState = a.join(b);
    assertThat(byState.view(FIELD).toValue()).isEqualTo(texts("B1"));
    assertThat(b.join(a)).isEqualTo(byState);
    assertThat(a.causal().join(deltas.get(1)).join(deltas.get(2)).store())
        .isEqualTo(byState.cells());
    assertThat(a.causal().join(deltas.get(2)).join(deltas.get(1)).store())
        .isEqualTo(byState.cells());
    assertThat(b.causal().join(deltas.get(0)).store()).isEqualTo(byState.cells());
  }

  /// B18, Antidote issue 129. The clock of a node went back by an hour between two writes of one
  /// client; the second was ordered before the first and lost.
  @Test
  void aWriteReplacesWhatItsAuthorSawWhateverTheClocksSay() {
    world.commit(A, at(3_600_000), Optional.empty(), List.of(assign(KEY, "first")));
    world.commit(A, at(0), Optional.empty(), List.of(assign(KEY, "second")));
    world.merge(A, B);
    assertThat(world.read(B, KEY)).isEqualTo(text("second"));
  }

  /// B24, go-ds-crdt issue 238: put, put, delete on one replica and a put on another gave two
  /// values of one history. DefraDB issue 1029: as many writes on either side had equal priority,
  /// and each side kept its own.
  @Test
  void oneHistoryHasOneValueInEveryOrder() {
    world.commit(A, assign(KEY, "r0-1"));
    world.commit(A, assign(KEY, "r0-2"));
    world.commit(A, remove(KEY));
    world.commit(B, assign(KEY, "r1-1"));
    assertThat(valuesInEveryOrder()).containsOnly(text("r1-1"));

    world.commit(A, assign(KEY, "r0-3"));
    // All stamps are equal; the dot decides, alike everywhere.
    assertThat(valuesInEveryOrder()).containsOnly(text("r1-1"));
    world.commit(C, assign(KEY, "r2-1"));
    assertThat(valuesInEveryOrder()).containsOnly(text("r2-1"));
  }

  /// B30. A stamp of the year 2038 won for ever, and dragged every clock along.
  @Test
  void aStampFromTheFutureIsReplacedByTheFirstWriteThatHasSeenIt() {
    world.commit(A, new HybridTime(-1), Optional.empty(), List.of(assign(KEY, "future")));
    world.commit(B, at(5), Optional.empty(), List.of(assign(KEY, "now")));
    world.merge(A, B);
    assertThat(world.read(B, KEY)).isEqualTo(text("future"));
    world.commit(B, at(6), Optional.empty(), List.of(assign(KEY, "later")));
    world.merge(B, A);
    assertThat(world.read(A, KEY)).isEqualTo(text("later"));

    var clock = new HybridClock(HybridTime.ZERO, Duration.ofSeconds(60));
    var after = clock.observe(new HybridTime(-1), 1_000).tick(1_000);
    assertThat(after.last().millis()).isEqualTo(61_000);
  }

  /// B31, Calimero issue 2662. The counter of a received stamp was left out of account: an effect
  /// within the same millisecond was stamped before its cause.
  @Test
  void anEffectIsStampedAfterItsCause() {
    var cause = HybridTime.ofMillis(1_000).next().next().next();
    var clock = new HybridClock(HybridTime.ofMillis(1_000), Duration.ofSeconds(60));
    assertThat(clock.observe(cause, 1_000).tick(1_000).last()).isGreaterThan(cause);
    assertThat(clock.observe(cause, 990).tick(990).last()).isGreaterThan(cause);
  }

  /// B32, Scylla issues 3560 and 23712. The tombstone was collected after its time; a write from
  /// before, kept for a node that had been away, was delivered then and stayed.
  @Test
  void anOldWriteDeliveredAgainStaysRemoved() {
    world.commit(A, add(KEY, "x"));
    var stale = world.state(A);
    var write = world.deltas().getFirst();
    world.commit(A, removeElement(KEY, "x"));
    assertThat(world.state(A).cells().isEmpty()).as("no tombstone").isTrue();
    assertThat(world.state(A).causal().join(write).store().isEmpty()).isTrue();
    assertThat(stale.join(world.state(A)).cells().isEmpty()).isTrue();
  }

  /// riak_dt issue 98. A counter in a map kept one sum for each actor, not a dot for each
  /// increment; so a removal of the field could not tell what it had seen from a concurrent
  /// increment, and the whole sum came back with the latter.
  @Test
  void removingTheMapTakesFromItsCounterWhatWasSeenAndNoMore() {
    world.commit(A, increment(FIELD, 5));
    world.sync(A, B);
    world.commit(B, remove(KEY));
    world.commit(A, increment(FIELD, 1));
    for (var merged :
        List.of(world.state(A).join(world.state(B)), world.state(B).join(world.state(A)))) {
      world.check(merged);
      assertThat(merged.view(KEY).toValue()).isEqualTo(object("f", number(1)));
    }
    world.sync(B, A);
    world.sync(A, B);
    assertThat(world.read(A, FIELD)).isEqualTo(number(1));
    world.commit(B, remove(KEY));
    assertThat(world.read(B, KEY)).isEqualTo(nothing());
    world.merge(B, A);
    world.commit(A, increment(FIELD, 2));
    assertThat(world.read(A, FIELD)).isEqualTo(number(2));
  }

  private List<Value> valuesInEveryOrder() {
    var values = new ArrayList<Value>();
    var random = new Random(24);
    for (int i = 0; i < 100; i++) {
      var waiting = new ArrayList<>(world.batches());
      Collections.shuffle(waiting, random);
      var state = State.BOTTOM;
      while (!waiting.isEmpty()) {
        var next = waiting.stream().filter(state::canApply).findFirst().orElseThrow();
        waiting.remove(next);
        state = state.apply(next);
      }
      values.add(state.view(KEY).toValue());
    }
    return values;
  }

  private static HybridTime at(long millis) {
    return HybridTime.ofMillis(millis);
  }
}
