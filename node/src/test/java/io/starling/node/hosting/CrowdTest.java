package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.member.Member;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.node.space.Space;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.node.watch.WatchHub;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// As many clients as a space has room for, and one more.
final class CrowdTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  private final TestNode one = TestNode.inMemory();
  private final TestNode two = TestNode.inMemory();

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
  }

  private static Token write(TestNode node) {
    var outcome = TestNode.write(node.main(), TestNode.set("k", "x"));
    return ((Outcome.Committed) outcome).token();
  }

  @Test
  void whoWaitsForATokenBeyondTheLimitHearsAtOnceThatItIsNotCovered() throws Exception {
    var token = write(two);
    var waiting = new ArrayList<CompletableFuture<Space.Coverage>>();
    for (int i = 0; i < CoverageWaiters.WAITING_MAX; i++) {
      waiting.add(one.main().covers(token, LONG).toCompletableFuture());
    }
    await().until(() -> load().coverage() == CoverageWaiters.WAITING_MAX);
    assertThat(one.main().covers(token, LONG).toCompletableFuture().get(20, TimeUnit.SECONDS))
        .isEqualTo(Space.Coverage.NOT_YET);
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    one.join(two);
    for (var each : waiting) {
      assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo(Space.Coverage.COVERED);
    }
    await().until(() -> load().coverage() == 0);
  }

  @Test
  void whoWaitsForAcknowledgementsBeyondTheLimitIsRefusedAndPlacesAreGivenBack() throws Exception {
    describe(one, "one");
    describe(two, "two");
    one.join(two);
    await().until(() -> one.spaces().members().all().size() == 2);
    one.part(two);
    var token = write(one);
    var wait = Duration.ofSeconds(10);
    var waiting = new ArrayList<CompletableFuture<Durability>>();
    for (int i = 0; i < Acknowledgements.WAITING_MAX; i++) {
      waiting.add(one.main().acknowledge(token, new Level.All(), wait).toCompletableFuture());
    }
    assertThat(load().acknowledgements()).isEqualTo(Acknowledgements.WAITING_MAX);
    assertThat(one.main().objection(new Level.All()))
        .hasValueSatisfying(why -> assertThat(why).contains("too many transactions wait"));
    for (int i = 0; i < 3; i++) {
      var beyond = one.main().acknowledge(token, new Level.All(), LONG).toCompletableFuture();
      assertThat(beyond.get(20, TimeUnit.SECONDS).isReached()).isFalse();
    }
    for (var each : waiting) {
      assertThat(each.get(60, TimeUnit.SECONDS).isReached()).isFalse();
    }
    await().until(() -> load().acknowledgements() == 0);
    assertThat(one.main().objection(new Level.All())).isEmpty();
  }

  @Test
  void aWatchTooManyIsEndedAtOnceWithAReason() {
    var listeners = new ArrayList<Counted>();
    var watches = new ArrayList<Watch>();
    for (int i = 0; i < WatchHub.WATCHES_MAX; i++) {
      var listener = new Counted();
      listeners.add(listener);
      watches.add(one.main().watch("", new Watch.From.Now(), listener));
    }
    await().until(() -> load().watches().running() == WatchHub.WATCHES_MAX);
    var last = new Counted();
    watches.add(one.main().watch("", new Watch.From.Now(), last));
    await().untilAsserted(() -> assertThat(last.ends).containsKey(Watch.End.TOO_MANY));
    assertThat(listeners).allMatch(listener -> listener.ends.isEmpty());
    watches.removeFirst().close();
    // A place is free once the loop has looked.
    await()
        .until(() -> {
          write(one);
          return load().watches().running() < WatchHub.WATCHES_MAX;
        });
    var next = new Counted();
    watches.add(one.main().watch("", new Watch.From.Now(), next));
    await().until(() -> next.told.get() > 0);
    watches.forEach(Watch::close);
  }

  @Test
  void aSpaceTooManyIsRefused() {
    for (int i = 2; i < HostedSpaces.SPACES_MAX; i++) {
      assertThat(create("s" + i)).isInstanceOf(Outcome.Committed.class);
    }
    assertThat(create("last"))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(Outcome.Reason.RESOURCE_EXHAUSTED);
              assertThat(refused.message()).contains("256 spaces, the most allowed");
            });
    assertThat(create("s2")).isInstanceOf(Outcome.Committed.class);
  }

  private Outcome create(String name) {
    return one.spaces().create("someone", name).toCompletableFuture().join();
  }

  private SpaceLoad load() {
    return java.util.Objects.requireNonNull(one.spaces().loads().get("main"));
  }

  private static void describe(TestNode node, String name) throws Exception {
    var member = new Member(node.fingerprint(), name, "", "here", List.of());
    node.spaces().describe(member, List.of()).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static final class Counted implements Watch.Listener {
    private final AtomicInteger told = new AtomicInteger();
    private final ConcurrentHashMap<Watch.End, Boolean> ends = new ConcurrentHashMap<>();

    @Override
    public void tell(WatchEvent event) {
      told.incrementAndGet();
    }

    @Override
    public void ended(Watch.End end) {
      ends.put(end, true);
    }
  }
}
