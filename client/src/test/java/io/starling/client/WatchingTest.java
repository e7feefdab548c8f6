package io.starling.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.starling.proto.v1.Cut;
import io.starling.proto.v1.WatchEvent;
import io.starling.proto.v1.WatchResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Watches of two nodes that tell what they are told to.
final class WatchingTest {

  private FakeNode one;
  private FakeNode two;
  private StarlingClient client;
  private Session session;

  @BeforeEach
  void start() throws IOException {
    one = new FakeNode("one");
    two = new FakeNode("two");
    client =
        StarlingClient.builder()
            .nodes(one.address(), two.address())
            .plainText()
            .silence(Duration.ofMillis(300))
            .watchPatience(Duration.ofSeconds(1))
            .build();
    session = client.session("main");
  }

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    one.close();
    two.close();
  }

  /// A subscriber that takes as much as it is let.
  private static final class Taking implements Flow.Subscriber<io.starling.client.WatchEvent> {
    final List<io.starling.client.WatchEvent> events = new CopyOnWriteArrayList<>();
    final AtomicInteger errors = new AtomicInteger();
    final CompletableFuture<Throwable> failed = new CompletableFuture<>();
    final CompletableFuture<Void> completed = new CompletableFuture<>();
    final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final long wanted;

    Taking(long wanted) {
      this.wanted = wanted;
    }

    @Override
    public void onSubscribe(Flow.Subscription to) {
      subscription.complete(to);
      if (wanted > 0) {
        to.request(wanted);
      }
    }

    @Override
    public void onNext(io.starling.client.WatchEvent event) {
      events.add(event);
    }

    @Override
    public void onError(Throwable failure) {
      errors.incrementAndGet();
      failed.complete(failure);
    }

    @Override
    public void onComplete() {
      completed.complete(null);
    }

    /// As `+a` for a change, `=t` for a token, `!` for a resync.
    List<String> said() {
      return events.stream().map(Taking::said).toList();
    }

    private static String said(io.starling.client.WatchEvent event) {
      return switch (event) {
        case io.starling.client.WatchEvent.Change(var key, _) -> "+" + key;
        case io.starling.client.WatchEvent.UpToDate(var at) -> "=" + at.bytes().toStringUtf8();
        case io.starling.client.WatchEvent.Resync(var cause) -> "!" + cause;
        case io.starling.client.WatchEvent.SnapshotBegin _ -> "[";
        case io.starling.client.WatchEvent.Row(var key, _) -> key;
        case io.starling.client.WatchEvent.SnapshotEnd(var at) -> "]" + at.bytes().toStringUtf8();
      };
    }
  }

  private static void tell(ServerCallStreamObserver<WatchResponse> out, WatchEvent... events) {
    out.onNext(WatchResponse.newBuilder().addAllEvents(List.of(events)).build());
  }

  private static WatchEvent change(String key) {
    return HoldBackTest.change(key);
  }

  private static WatchEvent upToDate(String token) {
    return HoldBackTest.upToDate(token);
  }

  private Taking taking(long wanted) {
    var taking = new Taking(wanted);
    session.watchChanges("").subscribe(taking);
    return taking;
  }

  @Test
  void afterABreakItGoesOnAtTheNextNodeAndTellsNothingTwice() {
    one.telling =
        (_, out) -> {
          tell(out, upToDate("t0"), change("a"), upToDate("t1"), change("b"));
          out.onError(FakeNode.lost());
        };
    two.telling = (_, out) -> tell(out, change("b"), change("c"), upToDate("t2"));
    var taking = taking(Long.MAX_VALUE);
    Awaitility.await().until(() -> taking.said().contains("=t2"));
    assertThat(taking.said()).containsExactly("=t0", "+a", "=t1", "+b", "+c", "=t2");
    assertThat(one.watches.getFirst().getChangesOnly()).isTrue();
    assertThat(two.watches.getFirst().getResume().toStringUtf8()).isEqualTo("t1");
    assertThat(session.seen()).contains(new ReadToken(ByteString.copyFromUtf8("t2")));
  }

  @Test
  void silentNodeIsLeft() {
    one.telling = (_, out) -> tell(out, upToDate("t0"));
    two.telling = (_, out) -> tell(out, change("a"), upToDate("t1"));
    var taking = taking(Long.MAX_VALUE);
    Awaitility.await().until(() -> taking.said().contains("=t1"));
    assertThat(two.watches.getFirst().getResume().toStringUtf8()).isEqualTo("t0");
  }

  @Test
  void groupThatWasTooLargeToHoldAndBrokeOffIsMadeGoodByASnapshot() {
    one.telling =
        (_, out) -> {
          tell(out, upToDate("t0"));
          for (int i = 0; i <= HoldBack.EVENTS_MAX; i++) {
            tell(out, change("k" + i));
          }
          out.onError(FakeNode.lost());
        };
    var begin = WatchEvent.newBuilder().setSnapshotBegin(Cut.getDefaultInstance()).build();
    var end =
        WatchEvent.newBuilder()
            .setSnapshotEnd(Cut.newBuilder().setToken(ByteString.copyFromUtf8("t1")))
            .build();
    two.telling = (_, out) -> tell(out, begin, end, upToDate("t1"));
    var taking = taking(Long.MAX_VALUE);
    Awaitility.await().until(() -> taking.said().contains("=t1"));
    assertThat(taking.said()).hasSize(HoldBack.EVENTS_MAX + 6).startsWith("=t0", "+k0");
    assertThat(taking.said()).endsWith("!BROKEN_OFF", "[", "]t1", "=t1");
    assertThat(two.watches.getFirst().getResume().isEmpty()).isTrue();
    assertThat(two.scans.getLast().getToken().toStringUtf8()).isEqualTo("t0");
  }

  @Test
  void nothingIsToldThatWasNotAskedForAndTheNodeIsHeldUp() throws InterruptedException {
    var sent = new AtomicInteger();
    one.telling =
        (_, out) -> {
          Runnable more =
              () -> {
                while (out.isReady() && sent.get() < 100_000) {
                  tell(out, change("k".repeat(1_000)), upToDate("t" + sent.incrementAndGet()));
                }
              };
          out.setOnReadyHandler(more);
          more.run();
        };
    var taking = taking(3);
    Awaitility.await().until(() -> taking.events.size() == 3);
    int held = settled(sent);
    assertThat(held).as("a window's worth of 1 kB groups").isLessThan(5_000);
    assertThat(taking.events).hasSize(3);
    taking.subscription.join().request(2);
    Awaitility.await().until(() -> taking.events.size() == 5);
    assertThat(one.watches).as("not taken for silent").hasSize(1);
  }

  private static int settled(AtomicInteger count) throws InterruptedException {
    int before = -1;
    while (before != count.get()) {
      before = count.get();
      Thread.sleep(500);
    }
    return before;
  }

  @Test
  void cancellingEndsTheCallAndNothingMoreIsTold() {
    var cancelled = new CompletableFuture<Void>();
    one.telling =
        (_, out) -> {
          out.setOnCancelHandler(() -> cancelled.complete(null));
          tell(out, change("a"), upToDate("t0"));
        };
    var taking = taking(Long.MAX_VALUE);
    Awaitility.await().until(() -> taking.events.size() == 2);
    taking.subscription.join().cancel();
    cancelled.orTimeout(5, java.util.concurrent.TimeUnit.SECONDS).join();
    assertThat(taking.events).hasSize(2);
    assertThat(taking.failed).isNotDone();
    assertThat(taking.completed).isNotDone();
  }

  @Test
  void refusalIsAnError() {
    one.telling =
        (_, out) -> out.onError(FakeNode.refusal(Status.Code.FAILED_PRECONDITION, "FOREIGN_TOKEN"));
    assertThat(taking(1).failed.join()).isInstanceOf(StarlingException.class);
  }

  @Test
  void patienceEnds() {
    one.telling = (_, out) -> out.onError(FakeNode.lost());
    two.telling = one.telling;
    assertThat(taking(1).failed.join()).isInstanceOf(StarlingException.class);
  }

  @Test
  void closedClientCompletesItsWatches() {
    one.telling = (_, out) -> tell(out, upToDate("t0"));
    var taking = taking(Long.MAX_VALUE);
    Awaitility.await().until(() -> taking.events.size() == 1);
    client.close();
    taking.completed.orTimeout(5, java.util.concurrent.TimeUnit.SECONDS).join();
  }

  @Test
  void requestOfNothingIsAnError() {
    var taking = taking(0);
    taking.subscription.join().request(0);
    assertThat(taking.failed.join()).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSecondRequestOfNothingIsNotAnotherError() {
    var taking = taking(0);
    var subscription = taking.subscription.join();
    subscription.request(0);
    subscription.request(-1);
    taking.failed.join();
    subscription.request(0);
    assertThat(taking.errors).hasValue(1);
  }

  @Test
  void afterItIsCancelledARequestOfNothingIsNoError() {
    var taking = taking(0);
    var subscription = taking.subscription.join();
    subscription.cancel();
    subscription.request(0);
    assertThat(taking.errors).hasValue(0);
  }

  @Test
  void aSubscriberThatTakesItsTimeDoesNotUseUpThePatience() {
    var stream = new CompletableFuture<ServerCallStreamObserver<WatchResponse>>();
    one.telling =
        (_, out) -> {
          tell(out, upToDate("t0"));
          stream.complete(out);
        };
    two.telling = (_, out) -> tell(out, upToDate("t1"));
    var taking = taking(1);
    Awaitility.await().until(() -> taking.events.size() == 1);
    var longer = Duration.ofMillis(1_200);
    Awaitility.await().pollDelay(longer).until(() -> taking.events.size() == 1);
    stream.join().onError(FakeNode.lost());
    taking.subscription.join().request(1);
    Awaitility.await().until(() -> taking.events.size() == 2 || taking.failed.isDone());
    assertThat(taking.said()).containsExactly("=t0", "=t1");
  }

  @Test
  void nodesThatBreakOffAtOnceAreAskedEverLessOften() {
    one.telling =
        (_, out) -> {
          tell(out, upToDate("t"));
          out.onError(FakeNode.lost());
        };
    two.telling = one.telling;
    var taking = taking(Long.MAX_VALUE);
    Awaitility.await().pollDelay(Duration.ofSeconds(1)).until(() -> !taking.events.isEmpty());
    assertThat(one.watches.size() + two.watches.size()).isLessThan(40);
  }

  @Test
  void watchesAreLimited() {
    one.telling = (_, out) -> tell(out, upToDate("t0"));
    for (int i = 0; i < io.starling.client.link.Nodes.WATCHES_MAX; i++) {
      var taking = taking(1);
      Awaitility.await().until(() -> taking.events.size() == 1);
    }
    assertThat(taking(1).failed.join()).hasMessageContaining("32 watches");
  }
}
