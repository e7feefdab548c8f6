package io.starling.node.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import io.starling.node.space.Space;
import io.starling.node.space.Watch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WatchTest {

  private final TestNode one = TestNode.inMemory();
  private final TestNode two = TestNode.inMemory();

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
  }

  @Test
  void aWatchBeginsWithATokenAndTellsChangesUnderItsPrefix() {
    var seen = new Recorder();
    try (var watch = one.main().watch("a/", Optional.empty(), seen)) {
      await().until(() -> seen.groups() == 1);
      assertThat(seen.state()).isEmpty();
      watch.ready();
      write("a/1", "x");
      write("b/1", "y");
      await().until(() -> seen.groups() == 2);
      assertThat(seen.state()).isEqualTo(Map.of("a/1", "x"));
    }
  }

  @Test
  void aWatcherThatIsNotReadyGetsOneLargerGroupLater() {
    var seen = new Recorder();
    try (var watch = one.main().watch("", Optional.empty(), seen)) {
      await().until(() -> seen.groups() == 1);
      for (int i = 0; i < 2_500; i++) {
        one.main().submit("someone", Optional.empty(), List.of(TestNode.set("k/" + i, "x")));
      }
      write("last", "y");
      assertThat(seen.groups()).isEqualTo(1);
      watch.ready();
      await().until(() -> seen.groups() == 2);
      assertThat(seen.state()).hasSize(2_501);
      assertThat(seen.largestPart()).isEqualTo(1_000);
    }
  }

  @Test
  void aRemovedKeyIsToldAsAbsent() {
    write("a", "x");
    var seen = new Recorder();
    try (var watch = one.main().watch("", Optional.empty(), seen)) {
      watch.ready();
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
    try (var watch = two.main().watch("", Optional.of(begin), seen)) {
      watch.ready();
      await().until(() -> end.equals(seen.token().orElse(begin)));
      assertThat(seen.state()).isEqualTo(Map.of("b", "2", "c", "1"));
    }
  }

  @Test
  void aWatchThatIsAheadOfItsNodeWaitsForIt() {
    var begin = write("a", "1");
    var seen = new Recorder();
    try (var watch = two.main().watch("", Optional.of(begin), seen)) {
      watch.ready();
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
    one.main().watch("", Optional.of(new Token(new SpaceId(5, 5), List.of())), seen);
    await().until(() -> seen.end().equals(Optional.of(Watch.End.FOREIGN_TOKEN)));
  }

  @Test
  void aStoppingNodeEndsItsWatches() throws InterruptedException {
    var seen = new Recorder();
    one.main().watch("", Optional.empty(), seen);
    await().until(() -> seen.groups() == 1);
    one.close();
    await().until(() -> seen.end().equals(Optional.of(Watch.End.STOPPING)));
  }

  @Test
  void aClosedWatchIsToldNothingMore() {
    var seen = new Recorder();
    var watch = one.main().watch("", Optional.empty(), seen);
    watch.ready();
    await().until(() -> seen.groups() == 1);
    watch.close();
    watch.close();
    write("a", "1");
    var other = new Recorder();
    try (var still = one.main().watch("", Optional.empty(), other)) {
      still.ready();
      write("b", "1");
      await().until(() -> other.state().containsKey("b"));
    }
    assertThat(seen.groups()).isEqualTo(1);
    assertThat(seen.end()).isEmpty();
  }

  @Test
  void tooManyKeysForASlowWatcherEndItsWatch() {
    var seen = new Recorder();
    one.main().watch("", Optional.empty(), seen);
    await().until(() -> seen.groups() == 1);
    int each = 5_000;
    for (int i = 0; i <= Watch.PENDING_KEYS_MAX / each; i++) {
      var mutations = new ArrayList<Mutation>();
      for (int j = 0; j < each; j++) {
        mutations.add(TestNode.set("k/" + i + "/" + j, "x"));
      }
      one.main().submit("someone", Optional.empty(), mutations).toCompletableFuture().join();
    }
    await().until(() -> seen.end().equals(Optional.of(Watch.End.OVERRUN)));
  }

  private Token write(String key, String value) {
    Space main = one.main();
    return ((Outcome.Committed) TestNode.write(main, TestNode.set(key, value))).token();
  }

  /// What a watcher makes of what it is told.
  private static final class Recorder implements Watch.Listener {
    private final Map<String, String> state = new TreeMap<>();
    private Optional<Token> token = Optional.empty();
    private Optional<Watch.End> end = Optional.empty();
    private int groups;
    private int largestPart;

    @Override
    public synchronized void changed(List<Watch.Change> changes, Token at, boolean last) {
      largestPart = Math.max(largestPart, changes.size());
      for (var change : changes) {
        var value = change.view().toValue();
        state.put(
            change.key(), value instanceof Value.Text(var text) ? text : change.view().typeLabel());
      }
      if (last) {
        groups++;
        token = Optional.of(at);
      }
    }

    @Override
    public synchronized void ended(Watch.End why) {
      end = Optional.of(why);
    }

    private synchronized Map<String, String> state() {
      return new TreeMap<>(state);
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

    private synchronized int largestPart() {
      return largestPart;
    }
  }
}
