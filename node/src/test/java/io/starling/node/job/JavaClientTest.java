package io.starling.node.job;

import static io.starling.client.Place.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.client.Level;
import io.starling.client.OutcomeUnknownException;
import io.starling.client.StarlingClient;
import io.starling.client.StarlingException;
import io.starling.client.Transaction;
import io.starling.client.Value;
import io.starling.client.WatchEvent;
import io.starling.example.FirstSteps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The Java client on three nodes that are killed and cut off.
final class JavaClientTest {

  private static final int WRITERS = 4;
  private static final int WRITES = 80;
  private static final int CHANGES = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private static Path directory;
  private static JobCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = new JobCluster(directory);
    cluster.up();
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
  }

  private static StarlingClient client(Duration patience, int... nodes) throws IOException {
    var builder =
        StarlingClient.builder()
            .authority(cluster.certificate())
            .token(cluster.token())
            .patience(patience);
    for (int node : nodes) {
      builder.nodes(cluster.grpc(node));
    }
    return builder.build();
  }

  @Test
  void exampleOfTheDocumentationRuns() throws IOException {
    var printed = new ByteArrayOutputStream();
    var out = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      FirstSteps.main(
          cluster.certificate().toString(), cluster.token(), cluster.grpc(1), cluster.grpc(2));
    } finally {
      System.setOut(out);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).strip())
        .startsWith("user/7 {")
        .contains("\"name\":\"Ada L.\"", "\"logins\":1", "\"langs\":[\"java\"]");
  }

  @Test
  void exampleIsInTheDocumentation() throws IOException {
    var source = Files.readString(Path.of("src/test/java/io/starling/example/FirstSteps.java"));
    var begin = source.indexOf("import static");
    assertThat(Files.readString(Path.of("../docs/java-client.md")))
        .contains("```java\n" + source.substring(begin) + "```");
  }

  /// What became of the writes of several writers.
  private static final class Ledger {
    final AtomicInteger done = new AtomicInteger();
    final ConcurrentLinkedQueue<OutcomeUnknownException> unknown = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<String> added = new ConcurrentLinkedQueue<>();
  }

  @Test
  void nodeIsKilledAndNothingIsLostOrCountedTwiceOrToldTwice() throws Exception {
    try (var client = client(Duration.ofSeconds(40), 1, 2, 3);
        var third = client(PATIENCE, 3)) {
      var watcher = new Watcher();
      client.session("main").watchChanges("w/").subscribe(watcher);
      watcher.started.get();
      client.session("main").apply(Transaction.begin().increment(at("warm"), 1).build());
      var ledger = new Ledger();
      var writers = new ArrayList<Thread>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int number = writer;
        writers.add(Thread.ofVirtual().start(() -> write(client, ledger, number)));
      }
      var written = new AtomicInteger();
      writers.add(writeSlowly(third, written));
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> ledger.done.get() > WRITERS * WRITES / 4 && !watcher.keys.isEmpty());
      assertThat(written).as("killed in the middle").hasValueLessThan(CHANGES);
      cluster.kill(1);
      cluster.up();
      for (var writer : writers) {
        assertThat(writer.join(PATIENCE)).isTrue();
      }
      check(watcher);
      var session = client.session("main");
      for (var unknown : ledger.unknown) {
        session.applyAgain(unknown);
        ledger.done.incrementAndGet();
      }
      assertThat(ledger.done).hasValue(WRITERS * WRITES);
      cluster.awaitAgreement("main", PATIENCE);
      assertThat(session.read(at("count")).asLong()).isEqualTo(WRITERS * WRITES);
      assertThat(ledger.added).hasSize(WRITERS * WRITES);
      assertThat(session.read(at("set")).json()).contains(ledger.added);
    }
  }

  private static void write(StarlingClient client, Ledger ledger, int writer) {
    var session = client.session("main");
    for (int i = 0; i < WRITES; i++) {
      var name = "w" + writer + "-" + i;
      session.apply(Transaction.begin().add(at("set"), Value.of(name)).build());
      ledger.added.add('"' + name + '"');
      try {
        session.apply(Transaction.begin().increment(at("count"), 1).build());
        ledger.done.incrementAndGet();
      } catch (OutcomeUnknownException unknown) {
        ledger.unknown.add(unknown);
      }
    }
  }

  @Test
  void whatWasReadIsNotUnreadOnANodeThatIsCutOff() throws Exception {
    try (var all = client(PATIENCE, 1, 3, 2);
        var third = client(Duration.ofSeconds(3), 3)) {
      var session = all.session("main");
      var level = Level.members(2).within(Duration.ofSeconds(30));
      assertThat(
              session
                  .apply(Transaction.begin().set(at("story"), Value.of("old")).build(), level)
                  .durability()
                  .orElseThrow()
                  .isReached())
          .isTrue();
      cluster.cutOffThird();
      try {
        session.apply(
            Transaction.begin().set(at("story"), Value.of("new")).build(), Level.members(1));
        assertThat(session.read(at("story")).asText()).isEqualTo("new");
        cluster.kill(1);
        // The third is asked next, and has only what is old.
        assertThat(session.read(at("story")).asText()).isEqualTo("new");
        var behind = third.session("main");
        assertThat(behind.read(at("story")).asText()).as("another session").isEqualTo("old");
        session.seen().forEach(behind::join);
        assertThatThrownBy(() -> behind.read(at("story")))
            .isInstanceOfSatisfying(
                StarlingException.class, it -> assertThat(it.reason()).isEqualTo("NOT_YET"));
        // It takes writes all the same.
        behind.apply(Transaction.begin().increment(at("alone"), 1).build());
      } finally {
        cluster.heal();
        cluster.up();
      }
      cluster.awaitAgreement("main", PATIENCE);
      assertThat(session.read(at("alone")).asLong()).isEqualTo(1);
    }
  }

  /// Takes changes a few at a time, so that demand matters.
  private static final class Watcher implements Flow.Subscriber<WatchEvent> {
    final List<String> keys = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> started = new CompletableFuture<>();
    volatile Optional<Throwable> failure = Optional.empty();
    private volatile Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription to) {
      subscription = to;
      to.request(1);
    }

    @Override
    public void onNext(WatchEvent event) {
      switch (event) {
        case WatchEvent.Change(var key, _) -> keys.add(key);
        case WatchEvent.UpToDate _ -> started.complete(null);
        case WatchEvent.Row _, WatchEvent.SnapshotBegin _, WatchEvent.SnapshotEnd _ -> unasked();
        case WatchEvent.Resync _ -> unasked();
      }
      subscription.request(1);
    }

    private void unasked() {
      onError(new AssertionError("a snapshot that was not asked for"));
    }

    @Override
    public void onError(Throwable failed) {
      failure = Optional.of(failed);
    }

    @Override
    public void onComplete() {}
  }

  // Each write waits for the one before, so each has seen it: the order is causal.
  private static Thread writeSlowly(StarlingClient client, AtomicInteger written) {
    return Thread.ofVirtual()
        .start(() -> {
          var session = client.session("main");
          for (int i = 0; i < CHANGES; i++) {
            session.apply(Transaction.begin().set(at("w/%04d".formatted(i)), Value.of(i)).build());
            written.incrementAndGet();
          }
        });
  }

  private static void check(Watcher watcher) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> watcher.keys.size() >= CHANGES || watcher.failure.isPresent());
    assertThat(watcher.failure).isEmpty();
    assertThat(watcher.keys).doesNotHaveDuplicates().isSorted().hasSize(CHANGES);
  }
}
