package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.member.Member;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A client may ask on how many other members its write is to be durable, and is told the truth.
final class AcknowledgementsTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(400);

  private final TestNode one = TestNode.inMemory();
  private final TestNode two = TestNode.inMemory();
  private final TestNode three = TestNode.inMemory();

  @BeforeEach
  void begin() throws Exception {
    one.join(two);
    one.join(three);
    two.join(three);
    describe(one, "one", "here");
    describe(two, "two", "here");
    describe(three, "three", "there");
    await().until(() -> one.spaces().members().all().size() == 3);
  }

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
    three.close();
  }

  private static void describe(TestNode node, String name, String site) throws Exception {
    var member = new Member(node.fingerprint(), name, "", site, List.of());
    node.spaces().describe(member, List.of()).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void theLevelIsReachedWhenEnoughHaveSigned() throws Exception {
    var both = ask(write("a"), new Level.Members(2), LONG);
    assertThat(both.isReached()).isTrue();
    assertThat(both.summary()).isEqualTo("durable here and on 2 of 2 asked");
    assertThat(names(both)).containsExactlyInAnyOrder("one", "two", "three");
    assertThat(both.statements().getFirst().name()).isEqualTo("one");
    assertThat(both.missing()).isEmpty();
    assertThat(ask(write("b"), new Level.All(), LONG).isReached()).isTrue();
  }

  @Test
  void inAPartitionTheAnswerSaysHowFarItGot() throws Exception {
    one.part(three);
    two.part(three);
    var token = write("a");
    var some = ask(token, new Level.All(), SHORT);
    assertThat(some.isReached()).isFalse();
    assertThat(some.summary()).isEqualTo("durable here and on 1 of 2 asked");
    assertThat(some.missing()).containsExactly("three");
    assertThat(ask(token, new Level.Members(1), LONG).isReached()).isTrue();
    var sites = ask(token, new Level.Sites(), SHORT);
    assertThat(sites.summary()).isEqualTo("durable here and at 0 of 1 other sites");
  }

  @Test
  void whoWaitsHearsOfItWhenThePartitionHeals() throws Exception {
    one.part(three);
    two.part(three);
    var token = write("a");
    var waiting = one.main().acknowledge(token, new Level.Sites(), LONG).toCompletableFuture();
    assertThat(waiting).isNotDone();
    one.join(three);
    assertThat(waiting.get(30, TimeUnit.SECONDS).isReached()).isTrue();
  }

  @Test
  void manyWhoWaitAtOnceAreAllAnswered() throws Exception {
    var waiting = new ArrayList<CompletableFuture<Durability>>();
    for (int i = 0; i < 500; i++) {
      one.main()
          .submit("someone", java.util.Optional.empty(), List.of(TestNode.set("k/" + i, "x")))
          .thenAccept(outcome -> {
            var token = ((Outcome.Committed) outcome).token();
            var answer = one.main().acknowledge(token, new Level.All(), LONG);
            synchronized (waiting) {
              waiting.add(answer.toCompletableFuture());
            }
          });
    }
    await()
        .until(() -> {
          synchronized (waiting) {
            return waiting.size() == 500;
          }
        });
    for (var each : waiting) {
      assertThat(each.get(30, TimeUnit.SECONDS).isReached()).isTrue();
    }
  }

  /// Whatever the number of those who wait, a member that does not answer is asked again for the
  /// newest and the oldest only.
  @Test
  void askingAgainDoesNotGrowWithThoseWhoWait() {
    one.part(three);
    two.part(three);
    var tokens = new ArrayList<Token>();
    var asked = new ConcurrentLinkedQueue<Token>();
    one.links((peer, message) -> {
      if (peer.equals(three.fingerprint())
          && message instanceof Message.Ask(var space, var token)) {
        if (space.equals(one.main().id())) {
          asked.add(token);
        }
      }
    });
    for (int i = 0; i < 50; i++) {
      tokens.add(write("k/" + i));
      var _ = one.main().acknowledge(tokens.getLast(), new Level.All(), LONG);
    }
    await().until(() -> asked.containsAll(tokens));
    int first = asked.size();
    await().until(() -> asked.size() >= first + 10);
    var again = new HashSet<>(List.copyOf(asked).subList(first + 2, first + 10));
    assertThat(again).containsExactlyInAnyOrder(tokens.getFirst(), tokens.getLast());
  }

  @Test
  void whoJoinsAQuestionThatIsJustAnsweredIsAnsweredToo() throws Exception {
    var token = write("a");
    var waiting = new ArrayList<CompletableFuture<Durability>>();
    for (int i = 0; i < 300; i++) {
      var answer = one.main().acknowledge(token, new Level.Members(1 + i % 2), LONG);
      waiting.add(answer.toCompletableFuture());
      if (i % 7 == 0) {
        waiting.getLast().get(30, TimeUnit.SECONDS);
      }
    }
    for (var each : waiting) {
      assertThat(each.get(30, TimeUnit.SECONDS).isReached()).isTrue();
    }
  }

  @Test
  void whatCannotBeReachedIsRefusedBeforeAnythingIsWritten() throws InterruptedException {
    assertThat(one.main().objection(new Level.Members(3)))
        .hasValueSatisfying(why -> assertThat(why).contains("knows of 2"));
    assertThat(one.main().objection(new Level.Members(2))).isEmpty();
    try (var alone = TestNode.inMemory()) {
      assertThat(alone.main().objection(new Level.All())).isPresent();
      assertThat(alone.main().objection(new Level.Sites())).isPresent();
      assertThat(alone.main().objection(new Level.Local())).isEmpty();
    }
  }

  private Token write(String key) {
    return ((Outcome.Committed) TestNode.write(one.main(), TestNode.set(key, "x"))).token();
  }

  private Durability ask(Token token, Level level, Duration wait) throws Exception {
    return one.main()
        .acknowledge(token, level, wait)
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
  }

  private static List<String> names(Durability durability) {
    return durability.statements().stream().map(Durability.Statement::name).toList();
  }
}
