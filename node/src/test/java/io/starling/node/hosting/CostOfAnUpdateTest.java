package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.storage.CountingStore;
import io.starling.node.storage.CountingStore.Counts;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The cost of an update does not grow with the object that it touches.
final class CostOfAnUpdateTest {

  private final CountingStore store = new CountingStore(new MemoryStore());
  private final TestNode node = new TestNode(store);

  @AfterEach
  void stop() throws InterruptedException {
    node.close();
  }

  @Test
  void addingToALargeSetTouchesWhatAddingToASmallOneTouches() {
    fill("small", 10);
    fill("large", 100_000);
    var small = cost(() -> add("small", "new"));
    var large = cost(() -> add("large", "new"));
    assertThat(large).isEqualTo(small);
    assertThat(small.gets() + small.visits() + small.writes()).isLessThan(30);
  }

  @Test
  void removingFromALargeSetTouchesWhatRemovingFromASmallOneTouches() {
    fill("small", 10);
    fill("large", 100_000);
    var small = cost(() -> write(new Mutation.RemoveElement(Path.of("small"), element(5))));
    var large = cost(() -> write(new Mutation.RemoveElement(Path.of("large"), element(5))));
    assertThat(large).isEqualTo(small);
  }

  private Counts cost(Runnable update) {
    var before = store.counts();
    update.run();
    return store.counts().since(before);
  }

  private void fill(String key, int size) {
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < size; i++) {
      mutations.add(new Mutation.AddElement(Path.of(key), element(i)));
      if (mutations.size() == 5_000 || i == size - 1) {
        var outcome = node.main().submit("someone", Optional.empty(), mutations);
        assertThat(outcome.toCompletableFuture().join()).isInstanceOf(Outcome.Committed.class);
        mutations.clear();
      }
    }
  }

  private void add(String key, String element) {
    write(new Mutation.AddElement(Path.of(key), new Value.Text(element)));
  }

  private void write(Mutation mutation) {
    assertThat(TestNode.write(node.main(), mutation)).isInstanceOf(Outcome.Committed.class);
  }

  private static Value element(int number) {
    return new Value.Text("element-" + number);
  }
}
