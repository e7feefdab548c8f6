package io.starling.node.api.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.memory.MemorySpaces;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SocketTalkTest {

  private static final int MESSAGES = 3 * SocketTalk.TRANSACTIONS_MAX;

  /// A client that takes nothing for a while.
  private static final class SlowSink implements SocketSink {
    private final CountDownLatch takes = new CountDownLatch(1);
    private final AtomicInteger taken = new AtomicInteger();

    @Override
    public void send(List<String> messages) throws InterruptedException {
      takes.await();
      taken.addAndGet(messages.size());
    }

    @Override
    public void close(int code, String reason) {}
  }

  @Test
  void whoeverTakesNoAnswersIsReadNoFurther() throws Exception {
    var sink = new SlowSink();
    var who = new Principal("someone", Role.WRITER);
    var call =
        new Call(
            Target.parse("/api/v1/socket"),
            new TreeMap<>(),
            new TreeMap<>(),
            Optional.of(who),
            new byte[0]);
    var read = new AtomicInteger();
    try (var talk = new SocketTalk(new Gate(new MemorySpaces()), call, sink)) {
      var reader =
          Thread.startVirtualThread(() -> {
            try {
              for (int i = 0; i < MESSAGES; i++) {
                talk.take(transaction(i));
                read.incrementAndGet();
              }
            } catch (InterruptedException stopped) {
              Thread.currentThread().interrupt();
            }
          });
      await().until(() -> read.get() >= SocketTalk.TRANSACTIONS_MAX);
      assertThat(reader.join(Duration.ofMillis(500))).isFalse();
      assertThat(read).hasValue(SocketTalk.TRANSACTIONS_MAX);
      sink.takes.countDown();
      assertThat(reader.join(Duration.ofSeconds(20))).isTrue();
      await().until(() -> sink.taken.get() == MESSAGES);
    }
  }

  private static String transaction(int id) {
    return "{\"id\":" + id + ",\"apply\":{\"mutations\":[{\"op\":\"increment\",\"key\":\"n\"}]}}";
  }
}
