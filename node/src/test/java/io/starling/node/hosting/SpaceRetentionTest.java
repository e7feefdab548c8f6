package io.starling.node.hosting;

import static io.starling.node.hosting.TestNode.set;
import static io.starling.node.hosting.TestNode.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.space.ListedSpace;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.space.SpaceSettings;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How much of its log a space keeps is set for the space, while nodes run.
final class SpaceRetentionTest {

  private static final String LONG = "x".repeat(100_000);

  private final TestNode one = TestNode.inMemory();
  private final TestNode two = TestNode.inMemory();

  @BeforeEach
  void begin() {
    one.join(two);
    get(one, "shop", SpaceChange.NONE);
    await().until(() -> two.spaces().find("shop").isPresent());
  }

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
  }

  @Test
  void whatIsSetOnOneNodeHoldsOnAllForThatSpaceAloneWithoutAStart() {
    for (int i = 0; i < 30; i++) {
      write(space(one), set("k/" + i, LONG));
      write(one.main(), set("k/" + i, LONG));
    }
    await().until(() -> bytes(space(two)) > 2_900_000);
    // What a status says may be a moment behind.
    await().until(() -> bytes(space(one)) > 2_900_000);

    assertThat(change(one, bytes(SpaceSettings.LOG_BYTES_MIN)))
        .isInstanceOf(Outcome.Committed.class);
    await().until(() -> bytes(space(one)) <= SpaceSettings.LOG_BYTES_MIN);
    await().until(() -> bytes(space(two)) <= SpaceSettings.LOG_BYTES_MIN);
    assertThat(bytes(one.main())).isGreaterThan(2_900_000);
    assertThat(listed(two).settings().logBytes()).contains(SpaceSettings.LOG_BYTES_MIN);

    // Taken back, it keeps more again; what has gone stays gone.
    change(one, reset(SpaceChange.LOG_BYTES));
    for (int i = 0; i < 30; i++) {
      write(space(one), set("more/" + i, LONG));
    }
    await().until(() -> bytes(space(two)) > 2_900_000);
    assertThat(listed(one).settings()).isEqualTo(SpaceSettings.USUAL);
  }

  @Test
  void aNewGenerationBeginsWithTheUsual() throws Exception {
    change(one, bytes(SpaceSettings.LOG_BYTES_MIN));
    one.spaces().drop("someone", "shop", Optional.empty()).toCompletableFuture().get();
    get(one, "shop", SpaceChange.NONE);
    assertThat(listed(one).generation()).isEqualTo(1);
    assertThat(listed(one).settings()).isEqualTo(SpaceSettings.USUAL);
  }

  @Test
  void aSpaceIsCreatedWithSettings() {
    var settings =
        new SpaceChange(
            Optional.of(1L << 21),
            Optional.of(Duration.ofDays(2)),
            Optional.of(Duration.ofHours(1)),
            Optional.empty(),
            new TreeSet<>());
    get(one, "garden", settings);
    var listed =
        one.spaces().listed().stream()
            .filter(it -> it.name().equals("garden"))
            .findFirst()
            .orElseThrow();
    assertThat(listed.settings().retention(LogRetention.DEFAULT))
        .isEqualTo(new LogRetention(1L << 21, Duration.ofDays(2), Duration.ofHours(1)));
  }

  @Test
  void whatWasSetAtDifferentTimesIsBroughtIntoAnOrder() {
    var usual = new LogRetention(1 << 20, Duration.ofDays(30), Duration.ofDays(1));
    var short_ =
        new SpaceSettings(
            Optional.empty(), Optional.of(Duration.ofHours(2)), Optional.empty(), new TreeSet<>());
    assertThat(short_.retention(usual))
        .isEqualTo(new LogRetention(1 << 20, Duration.ofHours(2), Duration.ofHours(2)));
  }

  @Test
  void whatCannotBeSetIsRefused() {
    for (var wrong :
        List.of(
            bytes(1_000),
            bytes(1L << 60),
            reset("cells"),
            age(Duration.ofMillis(1), Duration.ofMillis(1)),
            age(Duration.ofDays(10_000), Duration.ofDays(1)),
            age(Duration.ofDays(1), Duration.ofDays(2)),
            members(List.of()),
            members(Collections.nCopies(SpaceSettings.MEMBERS_MAX + 1, "one")),
            members(List.of("nobody")))) {
      assertThat(change(one, wrong))
          .isInstanceOfSatisfying(
              Outcome.Refused.class,
              it -> assertThat(it.reason()).isEqualTo(Outcome.Reason.INVALID_ARGUMENT));
    }
    assertThat(listed(one).settings()).isEqualTo(SpaceSettings.USUAL);
  }

  private static SpaceChange bytes(long bytes) {
    return new SpaceChange(
        Optional.of(bytes), Optional.empty(), Optional.empty(), Optional.empty(), new TreeSet<>());
  }

  private static SpaceChange age(Duration age, Duration stable) {
    return new SpaceChange(
        Optional.empty(), Optional.of(age), Optional.of(stable), Optional.empty(), new TreeSet<>());
  }

  private static SpaceChange members(List<String> members) {
    return new SpaceChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(members),
        new TreeSet<>());
  }

  private static SpaceChange reset(String field) {
    return new SpaceChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new TreeSet<>(List.of(field)));
  }

  private static long bytes(Space space) {
    return space.status().log().bytes();
  }

  private static Space space(TestNode node) {
    return node.spaces().find("shop").orElseThrow();
  }

  private static ListedSpace listed(TestNode node) {
    return node.spaces().listed().stream()
        .filter(it -> it.name().equals("shop"))
        .findFirst()
        .orElseThrow();
  }

  private static Outcome change(TestNode node, SpaceChange change) {
    try {
      return node.spaces()
          .change("someone", "shop", change)
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    } catch (Exception failed) {
      throw new AssertionError("no answer", failed);
    }
  }

  private static void get(TestNode node, String name, SpaceChange settings) {
    assertThat(node.spaces().create("someone", name, settings).toCompletableFuture().join())
        .isInstanceOf(Outcome.Committed.class);
  }
}
