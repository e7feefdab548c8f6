package io.starling.node.hosting;

import static io.starling.node.hosting.TestNode.read;
import static io.starling.node.hosting.TestNode.set;
import static io.starling.node.hosting.TestNode.text;
import static io.starling.node.hosting.TestNode.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.space.Absence;
import io.starling.node.space.ListedSpace;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Spaces that are dropped and created again, on nodes that hear of it at different times.
final class SpaceDropTest {

  private final MemoryStore store = new MemoryStore();
  private final TestNode one = new TestNode(store);
  private final TestNode two = TestNode.inMemory();
  private final TestNode three = TestNode.inMemory();

  private void joinAll() {
    one.join(two);
    one.join(three);
    two.join(three);
  }

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
    three.close();
  }

  @Test
  void aDroppedSpaceIsFoundNowhereAndItsDataGoes() {
    joinAll();
    created(one);
    var space = space(one);
    write(space, set("a", "1"));
    await().until(() -> isAlive(three) && read(space(three), "a").equals(text("1")));
    assertThat(drop(two)).isInstanceOf(Outcome.Committed.class);
    assertThat(two.spaces().find("shop")).isEmpty();
    await().until(() -> !isAlive(one) && !isAlive(three));
    assertThat(one.spaces().absence("shop")).isInstanceOf(Absence.Dropped.class);
    assertThat(one.spaces().absence("shop").message("shop"))
        .startsWith("the space 'shop' was dropped at 2");
    assertThat(one.spaces().listed()).extracting(ListedSpace::name).doesNotContain("shop");
    await().until(() -> !store.spaces().contains(space.id()));
    assertThat(write(space, set("a", "2")))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(Outcome.Reason.NOT_FOUND);
              assertThat(refused.message()).contains("was dropped at");
            });
  }

  @Test
  void aWatchEndsBecauseTheSpaceWasDropped() {
    created(one);
    var ended = new CompletableFuture<Watch.End>();
    var listener =
        new Watch.Listener() {
          @Override
          public void tell(WatchEvent event) {}

          @Override
          public void ended(Watch.End end) {
            ended.complete(end);
          }
        };
    try (var _ = space(one).watch("", new Watch.From.State(), listener)) {
      drop(one);
      assertThat(get(ended)).isEqualTo(Watch.End.DROPPED);
    }
  }

  @Test
  void aNameThatWasDroppedStandsForANewSpace() {
    joinAll();
    created(one);
    var before = space(one).id();
    write(space(one), set("a", "old"));
    drop(one);
    created(one);
    assertThat(space(one).id()).isNotEqualTo(before).isEqualTo(id(1));
    assertThat(space(one).generation()).isEqualTo(1);
    assertThat(read(space(one), "a")).isEqualTo(new Value.Null());
    write(space(one), set("b", "new"));
    await()
        .until(() ->
            isAlive(three)
                && space(three).id().equals(id(1))
                && read(space(three), "b").equals(text("new")));
  }

  @Test
  void whoIsAwayWhileASpaceIsDroppedAndCreatedAgainBringsNothingBack() {
    joinAll();
    created(one);
    await().until(() -> isAlive(three));
    one.part(three);
    two.part(three);
    write(space(three), set("mine", "unseen"));
    for (int i = 0; i < 3; i++) {
      drop(one);
      created(one);
    }
    write(space(one), set("b", "new"));
    one.join(three);
    two.join(three);
    await().until(() -> isAlive(three) && space(three).id().equals(id(3)));
    await().until(() -> read(space(three), "b").equals(text("new")));
    for (var node : List.of(one, two, three)) {
      await().until(() -> isAlive(node) && space(node).id().equals(id(3)));
      assertThat(read(space(node), "mine")).isEqualTo(new Value.Null());
    }
  }

  @Test
  void aDropOfOneGenerationLeavesTheNextAloneWhoeverStatesItWhenever() {
    joinAll();
    created(one);
    await().until(() -> isAlive(three));
    one.part(three);
    two.part(three);
    // Two that drop it while apart; one of them creates it again, before it hears of the other.
    drop(three);
    drop(one);
    created(one);
    write(space(one), set("b", "new"));
    one.join(three);
    two.join(three);
    for (var node : List.of(one, two, three)) {
      await().until(() -> isAlive(node) && space(node).id().equals(id(1)));
      await().until(() -> read(space(node), "b").equals(text("new")));
    }
  }

  @Test
  void twoThatCreateASpaceWhileApartHaveCreatedTheSame() {
    created(one);
    drop(one);
    one.join(two);
    await().until(() -> two.spaces().absence("shop") instanceof Absence.Dropped);
    one.part(two);
    created(one);
    created(two);
    write(space(one), set("a", "1"));
    write(space(two), set("b", "2"));
    one.join(two);
    await().until(() -> read(space(two), "a").equals(text("1")));
    await().until(() -> read(space(one), "b").equals(text("2")));
    assertThat(space(one).id()).isEqualTo(space(two).id()).isEqualTo(id(1));
  }

  @Test
  void aDropThatANodeHasNotHeardOfIsNotTakenBackByItsOwn() {
    joinAll();
    created(one);
    await().until(() -> isAlive(two));
    one.part(two);
    three.part(two);
    for (int i = 0; i < 2; i++) {
      drop(one);
      created(one);
    }
    drop(one);
    // It knows of generation 0 alone, and drops that.
    drop(two);
    one.join(two);
    for (var node : List.of(one, two)) {
      await().until(() -> !isAlive(node));
      await().until(() -> node.spaces().isGone(id(2)));
    }
    created(two);
    await().until(() -> isAlive(one) && space(one).id().equals(id(3)));
  }

  @Test
  void whatIsMeantIsDroppedAndNothingElse() {
    created(one);
    var first = space(one).id();
    drop(one);
    created(one);
    var refused = get(one.spaces().drop("someone", "shop", Optional.of(first)));
    assertThat(refused)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            it -> assertThat(it.reason()).isEqualTo(Outcome.Reason.FAILED_PRECONDITION));
    assertThat(isAlive(one)).isTrue();
    assertThat(get(one.spaces().drop("someone", "shop", Optional.of(space(one).id()))))
        .isInstanceOf(Outcome.Committed.class);
    assertThat(drop(one))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            it -> {
              assertThat(it.reason()).isEqualTo(Outcome.Reason.NOT_FOUND);
              assertThat(it.message()).contains("was dropped already");
            });
  }

  @Test
  void mainAndSystemAreNotDropped() {
    for (var name : List.of("main", "_system")) {
      assertThat(get(one.spaces().drop("someone", name, Optional.empty())))
          .isInstanceOfSatisfying(
              Outcome.Refused.class,
              it -> assertThat(it.reason()).isEqualTo(Outcome.Reason.INVALID_ARGUMENT));
    }
    // Nor by whoever writes into _system as he likes.
    write(one.spaces().system(), drop("main", 0));
    write(one.spaces().system(), set("spaces/probe", "x"));
    await().until(() -> one.spaces().find("probe").isPresent());
    assertThat(one.main().id()).isEqualTo(SpaceId.of(TestNode.CLUSTER, "main", 0));
    assertThat(one.spaces().find("main")).isPresent();
  }

  @Test
  void nonsenseDropsNothing() {
    created(one);
    write(one.spaces().system(), set("spaces/shop/dropped", "yes"));
    write(one.spaces().system(), drop("probe", -7));
    write(one.spaces().system(), set("spaces/probe", "x"));
    await().until(() -> one.spaces().find("probe").isPresent());
    assertThat(isAlive(one)).isTrue();
  }

  @Test
  void batchesForADroppedSpaceAreLeftAloneWithoutAnAlarm() {
    one.join(two);
    created(one);
    await().until(() -> isAlive(two));
    var old = space(one);
    // Its beacons and batches go on until it hears of it, which it does not.
    one.part(three);
    drop(two);
    await().until(() -> !isAlive(one));
    assertThat(two.spaces().inbox().applied(old.id())).isEmpty();
    assertThat(two.alarms()).isEmpty();
  }

  @Test
  void nodesThatDropAndCreateAtWillEndAlike() {
    joinAll();
    created(one);
    await().until(() -> isAlive(two) && isAlive(three));
    var nodes = List.of(one, two, three);
    var random = new Random(7);
    for (int round = 0; round < 12; round++) {
      boolean isApart = random.nextBoolean();
      if (isApart) {
        one.part(two);
        two.part(three);
      }
      for (int i = 0; i < 3; i++) {
        var node = nodes.get(random.nextInt(3));
        if (random.nextBoolean()) {
          drop(node);
        } else {
          get(node.spaces().create("someone", "shop"));
        }
      }
      if (isApart) {
        one.join(two);
        two.join(three);
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() ->
              nodes.stream()
                      .map(it -> it.spaces().system().status().token().vector())
                      .distinct()
                      .count()
                  == 1);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() ->
              nodes.stream().map(it -> it.spaces().find("shop").map(Space::id)).distinct().count()
                  == 1);
    }
  }

  private static Mutation drop(String name, long generation) {
    var statement =
        new Value.Struct(new TreeMap<>(Map.of("generation", new Value.Int(generation))));
    return new Mutation.Set(Path.of("spaces/" + name + "/dropped"), statement, ReadRule.ALL);
  }

  private static SpaceId id(long generation) {
    return SpaceId.of(TestNode.CLUSTER, "shop", generation);
  }

  private static void created(TestNode node) {
    assertThat(get(node.spaces().create("someone", "shop", SpaceChange.NONE)))
        .isInstanceOf(Outcome.Committed.class);
  }

  private static Outcome drop(TestNode node) {
    return get(node.spaces().drop("someone", "shop", Optional.empty()));
  }

  private static boolean isAlive(TestNode node) {
    return node.spaces().find("shop").isPresent();
  }

  private static Space space(TestNode node) {
    return node.spaces().find("shop").orElseThrow();
  }

  private static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception failed) {
      throw new AssertionError("no answer", failed);
    }
  }
}
