package io.starling.node.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import io.starling.node.space.Space;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WatchTest {

  private static final Watch.From STATE = new Watch.From.State();
  private static final Watch.From NOW = new Watch.From.Now();

  private final TestNode one = TestNode.inMemory();
  private final TestNode two = TestNode.inMemory();

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
  }

  @Test
  void aWatchBeginsWithTheStateAndThenTellsChangesUnderItsPrefix() {
    write("a/1", "x");
    write("a/2", "y");
    write("b/1", "y");
    var seen = new Recorder();
    try (var _ = one.main().watch("a/", STATE, seen)) {
      await().until(() -> seen.groups() == 1);
      assertThat(seen.names()).containsExactly("begin", "row a/1", "row a/2", "end", "up-to-date");
      write("a/2", "z");
      write("b/1", "z");
      await().until(() -> seen.groups() == 2);
      assertThat(seen.state()).isEqualTo(Map.of("a/1", "x", "a/2", "z"));
      assertThat(seen.names()).endsWith("up-to-date", "change a/2", "up-to-date");
    }
  }

  @Test
  void aWatchThatBeginsWithNowTellsChangesOnly() {
    write("a/1", "x");
    var seen = new Recorder();
    try (var _ = one.main().watch("", NOW, seen)) {
      await().until(() -> seen.groups() == 1);
      assertThat(seen.names()).containsExactly("up-to-date");
      write("a/2", "y");
      await().until(() -> seen.groups() == 2);
      assertThat(seen.state()).isEqualTo(Map.of("a/2", "y"));
    }
  }

  @Test
  void aStateOfManyPagesIsToldWhole() {
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < 2_500; i++) {
      mutations.add(TestNode.set("k/" + i, "x"));
    }
    one.main().submit("someone", Optional.empty(), mutations).toCompletableFuture().join();
    var seen = new Recorder();
    try (var _ = one.main().watch("k/", STATE, seen)) {
      await().until(() -> seen.groups() == 1);
      assertThat(seen.state()).hasSize(2_500);
    }
  }

  @Test
  void aSlowWatcherGetsOneLargerGroupWithEachKeyOnce() {
    var seen = new Recorder();
    seen.stall();
    try (var _ = one.main().watch("", NOW, seen)) {
      for (int i = 0; i < 2_500; i++) {
        one.main().submit("someone", Optional.empty(), List.of(TestNode.set("k/" + i % 50, "x")));
      }
      write("last", "y");
      seen.goOn();
      await().until(() -> seen.state().containsKey("last"));
      assertThat(seen.groups()).isEqualTo(2);
      assertThat(seen.state()).hasSize(51);
      assertThat(seen.names()).hasSize(53);
    }
  }

  @Test
  void aRemovedKeyIsToldAsAbsent() {
    write("a", "x");
    var seen = new Recorder();
    try (var _ = one.main().watch("", NOW, seen)) {
      TestNode.write(one.main(), new Mutation.Remove(Path.of("a")));
      await().until(() -> seen.state().containsKey("a"));
      assertThat(seen.state()).isEqualTo(Map.of("a", "absent"));
    }
  }

  @Test
  void aWatchResumesOnAnotherNodeWithNothingLostAndNothingTwice() {
    one.join(two);
    write("a", "1");
    var begin = write("b", "1");
    write("b", "2");
    var end = write("c", "1");
    var seen = new Recorder();
    try (var _ = two.main().watch("", new Watch.From.Resume(begin), seen)) {
      await().until(() -> end.equals(seen.token().orElse(begin)));
      assertThat(seen.state()).isEqualTo(Map.of("b", "2", "c", "1"));
    }
  }

  @Test
  void aWatchThatIsAheadOfItsNodeWaitsForIt() {
    var begin = write("a", "1");
    var seen = new Recorder();
    try (var _ = two.main().watch("", new Watch.From.Resume(begin), seen)) {
      one.join(two);
      await().until(() -> seen.groups() > 0);
      assertThat(seen.state()).isEmpty();
      write("b", "2");
      await().until(() -> seen.state().equals(Map.of("b", "2")));
    }
  }

  @Test
  void aForeignTokenEndsTheWatch() {
    var seen = new Recorder();
    one.main().watch("", new Watch.From.Resume(new Token(new SpaceId(5, 5), List.of())), seen);
    await().until(() -> seen.end().equals(Optional.of(Watch.End.FOREIGN_TOKEN)));
  }

  @Test
  void aStoppingNodeEndsItsWatches() throws InterruptedException {
    var seen = new Recorder();
    one.main().watch("", NOW, seen);
    await().until(() -> seen.groups() == 1);
    one.close();
    await().until(() -> seen.end().equals(Optional.of(Watch.End.STOPPING)));
  }

  @Test
  void aClosedWatchIsToldNothingMore() {
    var seen = new Recorder();
    var watch = one.main().watch("", NOW, seen);
    await().until(() -> seen.groups() == 1);
    watch.close();
    watch.close();
    write("a", "1");
    var other = new Recorder();
    try (var _ = one.main().watch("", NOW, other)) {
      write("b", "1");
      await().until(() -> other.state().containsKey("b"));
    }
    assertThat(seen.groups()).isEqualTo(1);
    assertThat(seen.end()).isEmpty();
  }

  @Test
  void whoeverTakesTooLongForAGroupIsLetGo() {
    var patience = Duration.ofMillis(20);
    var id = one.main().id();
    var store = new MemoryStore().space(id);
    var hub = new WatchHub(id, store, new WatchMeter() {}, patience);
    var seen = new Recorder();
    var slow =
        new Watch.Listener() {
          @Override
          public void tell(WatchEvent event) throws InterruptedException {
            seen.tell(event);
            Thread.sleep(patience.plusMillis(1));
          }

          @Override
          public void ended(Watch.End end) {
            seen.ended(end);
          }
        };
    var watch = new RunningWatch(hub, "", slow);
    watch.start();
    watch.begin(STATE, new SharedSnapshot(id, store.snapshot(), new Token(id, List.of())));
    await().until(() -> seen.end().equals(Optional.of(Watch.End.SLOW)));
    assertThat(seen.names()).doesNotContain("end", "up-to-date");
  }

  @Test
  void watchesThatWaitForTheirTokenCountToo() {
    var token = write("a", "x");
    var all = new ArrayList<Recorder>();
    for (int i = 0; i < WatchHub.WATCHES_MAX + 6; i++) {
      all.add(new Recorder());
      var _ = two.main().watch("a", new Watch.From.Resume(token), all.getLast());
    }
    one.join(two);
    await().until(() -> all.stream().allMatch(it -> it.groups() == 1 || it.end().isPresent()));
    assertThat(all).filteredOn(it -> it.end().equals(Optional.of(Watch.End.TOO_MANY))).hasSize(6);
  }

  @Test
  void whenTooMuchChangesForASlowWatcherItIsToldSoAndGetsTheStateAnew() {
    write("gone", "x");
    var seen = new Recorder();
    var watch = one.main().watch("", STATE, seen);
    await().until(() -> seen.groups() == 1);
    seen.stall();
    write("first", "x");
    TestNode.write(one.main(), new Mutation.Remove(Path.of("gone")));
    fill(Watch.PENDING_KEYS_MAX + 1);
    seen.goOn();
    await().until(() -> seen.names().contains("resync TOO_MANY_CHANGES"));
    await().until(() -> seen.names().getLast().equals("up-to-date"));
    assertThat(seen.state()).hasSizeGreaterThan(Watch.PENDING_KEYS_MAX).doesNotContainKey("gone");
    assertThat(seen.end()).isEmpty();
    watch.close();
  }

  /// Long names reach the bound in bytes long before that in keys.
  @Test
  void ofAllWatchesTheOneFurthestBehindReadsAnewWhenTheirNamesTakeTooMuch() {
    var slow = new Recorder();
    var less = new Recorder();
    var quick = new Recorder();
    try (var _ = one.main().watch("", NOW, slow);
        var _ = one.main().watch("k/0", NOW, less);
        var _ = one.main().watch("", NOW, quick)) {
      await().until(() -> slow.groups() == 1 && less.groups() == 1 && quick.groups() == 1);
      slow.stall();
      less.stall();
      write("k/0", "x");
      int names = Math.toIntExact(Watch.PENDING_BYTES_MAX / 1_000);
      for (int i = 0; i < names; i += 500) {
        fill("k/" + i + "-" + "n".repeat(980), 500);
      }
      slow.goOn();
      less.goOn();
      await().until(() -> slow.names().contains("resync TOO_MANY_CHANGES"));
      await().until(() -> quick.state().size() > names && less.state().containsKey("k/0"));
      assertThat(less.names()).doesNotContain("resync TOO_MANY_CHANGES");
      assertThat(quick.names()).doesNotContain("resync TOO_MANY_CHANGES");
    }
  }

  @Test
  void aTokenFromBeforeTooManyChangesGetsTheStateInstead() {
    var begin = write("a", "x");
    fill(Watch.PENDING_KEYS_MAX + 1);
    var seen = new Recorder();
    try (var _ = one.main().watch("a", new Watch.From.Resume(begin), seen)) {
      await().until(() -> seen.groups() == 1);
      assertThat(seen.names())
          .containsExactly("resync TOO_MANY_CHANGES", "begin", "row a", "end", "up-to-date");
    }
  }

  @Test
  void aTokenThatTheLogNoLongerReachesBackToGetsTheStateInstead() throws InterruptedException {
    var store = new MemoryStore();
    try (var node = new TestNode(store)) {
      var begin = ((Outcome.Committed) TestNode.write(node.main(), TestNode.set("a", "x"))).token();
      TestNode.write(node.main(), TestNode.set("b", "y"));
      truncate(store.space(node.main().id()));
      var seen = new Recorder();
      try (var _ = node.main().watch("", new Watch.From.Resume(begin), seen)) {
        await().until(() -> seen.groups() == 1);
        assertThat(seen.names())
            .containsExactly("resync BEHIND_LOG", "begin", "row a", "row b", "end", "up-to-date");
        TestNode.write(node.main(), TestNode.set("c", "z"));
        await().until(() -> seen.groups() == 2);
        assertThat(seen.names()).endsWith("change c", "up-to-date");
      }
    }
  }

  /// Takes the bodies of all batches away.
  private static void truncate(SpaceStore space) {
    var gone = new ArrayList<Changes.Write>();
    space
        .live()
        .scan(
            Table.LOG,
            new byte[0],
            new byte[0],
            (key, _) -> gone.add(new Changes.Write(Table.LOG, key.clone(), Optional.empty())));
    assertThat(gone).hasSize(2);
    space.persist(new Changes(gone));
  }

  private void fill(int keys) {
    int each = 5_000;
    for (int i = 0; i < keys; i += each) {
      fill("k/" + i + "-", each);
    }
  }

  private void fill(String prefix, int keys) {
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < keys; i++) {
      mutations.add(TestNode.set(prefix + i, "x"));
    }
    var outcome =
        one.main().submit("someone", Optional.empty(), mutations).toCompletableFuture().join();
    assertThat(outcome).isInstanceOf(Outcome.Committed.class);
  }

  private Token write(String key, String value) {
    Space main = one.main();
    return ((Outcome.Committed) TestNode.write(main, TestNode.set(key, value))).token();
  }

  /// What a watcher makes of what it is told.
  private static final class Recorder implements Watch.Listener {
    private final Map<String, String> state = new TreeMap<>();
    private final List<String> names = new ArrayList<>();
    private Optional<Token> token = Optional.empty();
    private Optional<Watch.End> end = Optional.empty();
    private int groups;
    private boolean isStalled;

    @Override
    public synchronized void tell(WatchEvent event) throws InterruptedException {
      while (isStalled) {
        wait();
      }
      switch (event) {
        case WatchEvent.SnapshotBegin _ -> {
          names.add("begin");
          state.clear();
        }
        case WatchEvent.Row(var key, var view) -> {
          names.add("row " + key);
          state.put(key, shown(view));
        }
        case WatchEvent.SnapshotEnd _ -> names.add("end");
        case WatchEvent.Change(var key, var view) -> {
          names.add("change " + key);
          state.put(key, shown(view));
        }
        case WatchEvent.UpToDate(var at) -> {
          names.add("up-to-date");
          groups++;
          token = Optional.of(at);
        }
        case WatchEvent.Resync(var cause) -> names.add("resync " + cause);
        case WatchEvent.Ping() -> {}
      }
    }

    private static String shown(Optional<View> view) {
      var there = view.orElseThrow();
      return there.toValue() instanceof Value.Text(var text) ? text : there.typeLabel();
    }

    @Override
    public synchronized void ended(Watch.End why) {
      end = Optional.of(why);
    }

    private synchronized void stall() {
      isStalled = true;
    }

    private synchronized void goOn() {
      isStalled = false;
      notifyAll();
    }

    private synchronized Map<String, String> state() {
      return new TreeMap<>(state);
    }

    private synchronized List<String> names() {
      return List.copyOf(names);
    }

    private synchronized Optional<Token> token() {
      return token;
    }

    private synchronized Optional<Watch.End> end() {
      return end;
    }

    private synchronized int groups() {
      return groups;
    }
  }
}
