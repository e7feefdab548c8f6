package io.starling.client;

import static io.starling.client.Place.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.starling.proto.v1.ReadRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two nodes that answer as they are told to.
final class SessionTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration IMPATIENCE = Duration.ofMillis(400);

  private FakeNode one;
  private FakeNode two;
  private StarlingClient client;
  private Session session;

  @BeforeEach
  void start() throws IOException {
    one = new FakeNode("one");
    two = new FakeNode("two");
    client = client(one.address(), two.address());
    session = client.session("main");
  }

  private static StarlingClient client(String... addresses) {
    return client(PATIENCE, addresses);
  }

  private static StarlingClient client(Duration patience, String... addresses) {
    return StarlingClient.builder()
        .nodes(addresses)
        .plainText()
        .token("secret")
        .patience(patience)
        .build();
  }

  private void becomeImpatient() {
    client.close();
    client = client(IMPATIENCE, one.address(), two.address());
    session = client.session("main");
  }

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    one.close();
    two.close();
  }

  private static Transaction counting() {
    return Transaction.begin().increment(at("visits"), 1).build();
  }

  private static Transaction setting() {
    return Transaction.begin().set(at("name"), Value.of("Ada")).build();
  }

  @Test
  void readGoesOnAtTheNextNode() throws InterruptedException {
    assertThat(session.read(at("k")).asText()).isEqualTo("one");
    one.close();
    assertThat(session.read(at("k")).asText()).isEqualTo("two");
    assertThat(session.read(at("k")).asText()).as("and stays there").isEqualTo("two");
  }

  @Test
  void refusalStandsAndSaysWhy() {
    one.fails(FakeNode.refusal(Status.Code.PERMISSION_DENIED, "ROLE"), 1);
    assertThatThrownBy(() -> session.apply(counting()))
        .isExactlyInstanceOf(StarlingException.class)
        .hasMessageContaining("refused: ROLE")
        .satisfies(it -> assertThat(((StarlingException) it).reason()).isEqualTo("ROLE"));
    assertThat(one.applies).hasSize(1);
    assertThat(two.applies).isEmpty();
  }

  @Test
  void countingIsAskedAgainOfTheSameNodeOnly() {
    one.fails(FakeNode.lost(), 2);
    session.apply(counting());
    assertThat(one.applies).hasSize(3);
    assertThat(one.applies.stream().map(it -> it.getTransaction().getIdempotencyKey()).distinct())
        .singleElement()
        .asString()
        .isNotEmpty();
    assertThat(two.applies).isEmpty();
  }

  @Test
  void whatIsInDoubtNamesTheNodeThatMayHaveMadeItThoughAnotherRefused() {
    one.fails(FakeNode.lost(), 2);
    two.fails(FakeNode.refusal(Status.Code.PERMISSION_DENIED, "ROLE"), 1);
    assertThatThrownBy(() -> session.apply(setting()))
        .isInstanceOfSatisfying(
            OutcomeUnknownException.class,
            it -> {
              assertThat(it.node()).isEqualTo(one.address());
              assertThat(it).hasMessageContaining("ROLE");
              session.applyAgain(it);
            });
    assertThat(one.applies).hasSize(3);
    assertThat(two.applies).hasSize(1);
  }

  @Test
  void aLevelIsWaitedForHoweverShortThePatience() {
    becomeImpatient();
    one.slowness = IMPATIENCE.plusMillis(400);
    session.apply(counting(), Level.members(1).within(Duration.ofSeconds(10)));
    assertThat(one.applies).hasSize(1);
  }

  @Test
  void countingThatIsNeverAnsweredSaysSoAndCanBeAskedFor() {
    becomeImpatient();
    one.fails(FakeNode.lost(), 1_000);
    var transaction = counting();
    assertThatThrownBy(() -> session.apply(transaction))
        .isInstanceOfSatisfying(
            OutcomeUnknownException.class,
            unknown -> {
              assertThat(unknown.key()).isEqualTo(transaction.key());
              assertThat(unknown.node()).isEqualTo(one.address());
              assertThat(unknown).hasMessageContaining(transaction.key());
              assertThatThrownBy(() -> session.applyAgain(unknown))
                  .isInstanceOf(OutcomeUnknownException.class);
              one.failures.clear();
              assertThat(session.applyAgain(unknown).operations()).isEqualTo(1);
            });
    assertThat(two.applies).isEmpty();
  }

  @Test
  void countingThatWasNeverSentGoesToAnotherNode() throws IOException {
    int closed;
    try (var socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    try (var other = client("127.0.0.1:" + closed, two.address())) {
      other.session("main").apply(counting());
    }
    assertThat(two.applies).hasSize(1);
  }

  @Test
  void countingThatANodeHasNoRoomForGoesToAnother() {
    one.fails(FakeNode.refusal(Status.Code.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"), 1);
    session.apply(counting());
    assertThat(two.applies).hasSize(1);
  }

  @Test
  void countingThatABrokenStoreMayHaveTakenStays() {
    one.fails(FakeNode.refusal(Status.Code.UNKNOWN, "OUTCOME_UNKNOWN"), 3);
    session.apply(counting());
    assertThat(one.applies).hasSize(4);
    assertThat(two.applies).isEmpty();
  }

  @Test
  void countingThatANodeCannotTakeNowGoesToAnother() {
    one.fails(FakeNode.refusal(Status.Code.UNAVAILABLE, "UNAVAILABLE"), 1);
    session.apply(counting());
    assertThat(one.applies).hasSize(1);
    assertThat(two.applies).hasSize(1);
  }

  @Test
  void whatMayBeMadeTwiceIsAskedOnceMoreAndThenOfAnotherNode() {
    for (var transaction :
        List.of(
            setting(), Transaction.begin().increment(at("n"), 1).retry(Retry.ANYWHERE).build())) {
      one.fails(FakeNode.lost(), 2);
      try (var other = client(one.address(), two.address())) {
        other.session("main").apply(transaction);
      }
      assertThat(one.applies).hasSize(2);
      assertThat(two.applies).hasSize(1);
      one.applies.clear();
      two.applies.clear();
    }
  }

  @Test
  void whatWouldShowTwiceStaysToo() {
    one.fails(FakeNode.lost(), 2);
    session.apply(Transaction.begin().setKeepingAll(at("n"), Value.of(1)).build());
    assertThat(two.applies).isEmpty();
  }

  @Test
  void readsCarryWhatTheSessionHasSeenAndEditsWhatTheirReadHasShown() {
    var shown = session.read(at("k"));
    session.apply(setting());
    session.apply(shown.edit().remove(at("k")).build());
    session.read(at("k"));
    assertThat(one.applies.get(0).getTransaction().getContext().isEmpty()).isTrue();
    assertThat(one.applies.get(1).getTransaction().getContext().toStringUtf8()).isEqualTo("one1");
    assertThat(one.reads.get(1).getToken().toStringUtf8()).isEqualTo("one3");
    assertThat(session.seen()).hasSize(1);
  }

  @Test
  void afterFailOverReadsWaitForWhatEachNodeGave() throws InterruptedException {
    session.apply(setting());
    one.close();
    session.apply(setting());
    assertThat(session.seen()).hasSize(2);
    session.read(at("k"));
    assertThat(two.reads.stream().map(ReadRequest::getToken).map(it -> it.toStringUtf8()))
        .containsExactly("one1");
    assertThat(session.seen())
        .singleElement()
        .satisfies(it -> assertThat(it.bytes().toStringUtf8()).isEqualTo("two2"));
  }

  @Test
  void nodeThatIsBehindIsPassedOver() {
    one.fails(FakeNode.refusal(Status.Code.UNAVAILABLE, "NOT_YET"), 1);
    assertThat(session.read(at("k")).asText()).isEqualTo("two");
  }

  @Test
  void patienceEndsWithTheLastReason() {
    becomeImpatient();
    one.fails(FakeNode.refusal(Status.Code.UNAVAILABLE, "NOT_YET"), 1_000);
    two.fails(FakeNode.refusal(Status.Code.UNAVAILABLE, "NOT_YET"), 1_000);
    assertThatThrownBy(() -> session.read(at("k")))
        .isExactlyInstanceOf(StarlingException.class)
        .hasMessageContaining("NOT_YET");
    assertThat(one.reads.size()).as("it backs off").isLessThan(30);
  }

  @Test
  void nobodyAnswering() throws InterruptedException {
    becomeImpatient();
    one.close();
    two.close();
    assertThatThrownBy(() -> session.apply(counting()))
        .isExactlyInstanceOf(StarlingException.class)
        .satisfies(it -> assertThat(((StarlingException) it).isUnreachable()).isTrue());
  }

  @Test
  void pagesFollowEachOther() {
    assertThat(session.scan("").map(Entry::reading).map(Reading::asLong))
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    assertThat(one.scans.stream().map(it -> it.getAfter())).containsExactly("", "1", "3");
    assertThat(session.keys("").findFirst()).contains("0");
  }

  @Test
  void bearerTokenIsAskedForEachTime() {
    var number = new AtomicInteger();
    try (var other =
        StarlingClient.builder()
            .nodes(one.address())
            .plainText()
            .token(() -> "t" + number.incrementAndGet())
            .build()) {
      other.session("main").read(at("k"));
      other.session("main").read(at("k"));
    }
    assertThat(one.bearers).containsExactly("Bearer t1", "Bearer t2");
  }

  @Test
  void asyncCallsFailAsBlockingOnesDo() {
    one.fails(FakeNode.refusal(Status.Code.NOT_FOUND, "UNKNOWN_SPACE"), 1);
    var failing = session.readAsync(at("k")).toCompletableFuture();
    assertThatThrownBy(failing::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(StarlingException.class);
    assertThat(session.applyAsync(setting()).toCompletableFuture().join().operations())
        .isEqualTo(1);
  }

  @Test
  void interruptedWriteIsInDoubtAndTheThreadStaysInterrupted() throws InterruptedException {
    one.fails(FakeNode.lost(), 1_000);
    var seen = new java.util.concurrent.CompletableFuture<Boolean>();
    var thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                session.apply(counting());
              } catch (OutcomeUnknownException unknown) {
                seen.complete(Thread.currentThread().isInterrupted());
              }
            });
    Awaitility.await().until(() -> !one.applies.isEmpty());
    thread.interrupt();
    assertThat(seen.join()).isTrue();
    thread.join();
  }

  @Test
  void aCallTooManyWaitsForAnother() {
    one.gate = new CountDownLatch(1);
    var calls = Stream.generate(() -> session.applyAsync(setting())).limit(33).toList();
    Awaitility.await().during(Duration.ofMillis(200)).until(() -> one.applies.size() == 32);
    one.gate.countDown();
    calls.forEach(call -> call.toCompletableFuture().join());
    assertThat(one.applies).hasSize(33);
  }

  @Test
  void limitsAreSaid() {
    assertThatThrownBy(() -> client(Collections.nCopies(65, "127.0.0.1:1").toArray(String[]::new)))
        .hasMessageContaining("1 to 64 nodes");
    assertThatThrownBy(() -> session.read(List.of())).hasMessageContaining("1 to 1000 places");
    assertThatThrownBy(
            () -> Transaction.begin().set(at("k"), Value.of("x".repeat(1 << 20))).build())
        .hasMessageContaining("split it");
    assertThatThrownBy(() -> Level.all().within(Duration.ofMinutes(2)))
        .hasMessageContaining("60 seconds");
    assertThatThrownBy(() -> client("no-port")).hasMessageContaining("no host:port");
    assertThatThrownBy(() -> client("192.0.2.1:7411")).hasMessageContaining("loopback only");
    assertThatThrownBy(() -> StarlingClient.builder().nodes("h:1").build())
        .hasMessageContaining("authority");
    assertThatThrownBy(
            () -> StarlingClient.builder().nodes("h:1").authority(new byte[] {1}).build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
