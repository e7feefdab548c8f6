package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.identity.NodeKey;
import io.starling.node.loop.QueueLimits;
import io.starling.node.member.Member;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.status.NodeStatus;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.NodeStore;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/// The spaces of a node over a store of choice, joined to others in the same process.
public final class TestNode implements AutoCloseable {

  public static final ClusterId CLUSTER = new ClusterId(1, 1);

  private final NodeKey key = NodeKey.generate();
  private final Map<KeyFingerprint, TestNode> peers = new ConcurrentHashMap<>();
  private final HostedSpaces spaces;
  private final ActivityRing activity = new ActivityRing();
  private final AlarmBook alarms = new AlarmBook();
  private volatile BiConsumer<KeyFingerprint, Message> links = this::deliver;

  public TestNode(NodeStore store) {
    this(store, QueueLimits.DEFAULT);
  }

  public TestNode(NodeStore store, QueueLimits queues) {
    this(store, queues, Limits.DEFAULT);
  }

  TestNode(NodeStore store, QueueLimits queues, Limits limits) {
    spaces =
        new HostedSpaces(
            new HostParts(
                new HostParts.Identity(CLUSTER, key.fingerprint(), key, _ -> true),
                store,
                (peer, message) -> links.accept(peer, message),
                limits,
                Proof.NEEDED,
                queues,
                new HostParts.Records(activity, alarms, InstantSource.system())));
  }

  public static TestNode inMemory() {
    return new TestNode(new MemoryStore());
  }

  public HostedSpaces spaces() {
    return spaces;
  }

  public Space main() {
    return spaces.find("main").orElseThrow();
  }

  public ActivityRing activity() {
    return activity;
  }

  /// What was raised here.
  public List<NodeStatus.Alarm> alarms() {
    return alarms.latest();
  }

  public KeyFingerprint fingerprint() {
    return key.fingerprint();
  }

  /// Has messages go elsewhere.
  void links(BiConsumer<KeyFingerprint, Message> other) {
    links = other;
  }

  /// Has every message that goes to a peer looked at.
  void watchSent(BiConsumer<KeyFingerprint, Message> watcher) {
    links =
        (peer, message) -> {
          watcher.accept(peer, message);
          deliver(peer, message);
        };
  }

  /// Joins two nodes, both ways.
  public void join(TestNode that) {
    peers.put(that.fingerprint(), that);
    that.peers.put(fingerprint(), this);
    spaces.inbox().peerUp(that.fingerprint());
    that.spaces.inbox().peerUp(fingerprint());
  }

  /// Parts two nodes.
  public void part(TestNode that) {
    peers.remove(that.fingerprint());
    that.peers.remove(fingerprint());
    spaces.inbox().peerDown(that.fingerprint());
    that.spaces.inbox().peerDown(fingerprint());
  }

  private void deliver(KeyFingerprint peer, Message message) {
    var to = peers.get(peer);
    if (to != null) {
      to.spaces.inbox().arrived(fingerprint(), List.of(message));
    }
  }

  @Override
  public void close() throws InterruptedException {
    spaces.close();
  }

  /// Joins three nodes, has them describe themselves as "one", "two" and "three", and waits until
  /// each knows of all.
  static void acquaint(TestNode one, TestNode two, TestNode three) {
    one.join(two);
    one.join(three);
    two.join(three);
    one.describe("one");
    two.describe("two");
    three.describe("three");
    for (var node : List.of(one, two, three)) {
      await().until(() -> node.spaces().members().all().size() == 3);
    }
  }

  private void describe(String name) {
    var member = new Member(fingerprint(), name, "", "here", List.of("127.0.0.1:7"));
    done(spaces.describe(member, List.of()));
  }

  /// What names the hosts of a space.
  static SpaceChange hosts(String... names) {
    return new SpaceChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(List.of(names)),
        new TreeSet<>());
  }

  /// Waits for an answer.
  static Outcome answer(CompletionStage<Outcome> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception failed) {
      throw new AssertionError("no answer", failed);
    }
  }

  /// Waits until something is done.
  static void done(CompletionStage<Outcome> stage) {
    assertThat(answer(stage)).isInstanceOf(Outcome.Committed.class);
  }

  /// Submits one mutation and waits for the answer.
  public static Outcome write(Space space, Mutation mutation) {
    return answer(space.submit("someone", Optional.empty(), List.of(mutation)));
  }

  /// A mutation that sets a register to a text.
  public static Mutation set(String key, String value) {
    return new Mutation.Set(Path.of(key), new Value.Text(value), ReadRule.LATEST);
  }

  /// What a key reads.
  public static Value read(Space space, String key) {
    try (var snapshot = space.read()) {
      return snapshot.reader().view(Path.of(key), 100).toValue();
    }
  }

  static Value text(String value) {
    return new Value.Text(value);
  }
}
