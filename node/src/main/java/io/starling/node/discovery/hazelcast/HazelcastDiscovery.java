package io.starling.node.discovery.hazelcast;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.ListenerConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.starling.node.config.HazelcastConfig;
import io.starling.node.discovery.Advertisement;
import io.starling.node.discovery.Discovery;
import io.starling.node.discovery.DiscoveryStatus;
import io.starling.node.discovery.DiscoveryStatus.State;
import io.starling.node.discovery.HintBook;
import io.starling.node.discovery.Sighting;
import io.starling.replica.batch.ClusterId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hints by a Hazelcast member in this process, on a thread of its own.
///
/// A member that does not start, or ends by itself, is reported and started again, with growing
/// pauses. Every [#LOOK] all members are gone through again, for events may have been lost.
public final class HazelcastDiscovery implements Discovery {

  private static final Logger LOG = LoggerFactory.getLogger(HazelcastDiscovery.class);

  /// Between looks at all members.
  static final Duration LOOK = Duration.ofSeconds(30);

  /// Between looks at whether this node's own member still runs.
  private static final Duration PULSE = Duration.ofSeconds(1);

  private static final Duration RETRY_FIRST = Duration.ofSeconds(2);
  private static final Duration RETRY_MAX = Duration.ofMinutes(2);

  /// A member that is just starting cannot be stopped before it has started.
  private static final Duration STOP_MAX = Duration.ofSeconds(5);

  private static final int REASON_MAX = 300;

  private final HazelcastConfig wanted;
  private final ClusterId cluster;
  private final Advertisement own;
  private final HintBook book;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private volatile Phase phase = new Phase(State.STARTING, "", 0);
  private final AtomicLong failures = new AtomicLong();

  /// How far it has got.
  private record Phase(State state, String reason, int members) {}

  private HazelcastDiscovery(
      HazelcastConfig wanted, ClusterId cluster, Advertisement own, HintBook book) {
    this.wanted = wanted;
    this.cluster = cluster;
    this.own = own;
    this.book = book;
    this.thread = Thread.ofPlatform().daemon().name("discovery").unstarted(this::run);
  }

  /// Begins to start a member and returns.
  ///
  /// @param own what other members are told of this node
  /// @param book takes what they tell
  public static HazelcastDiscovery start(
      HazelcastConfig wanted, ClusterId cluster, Advertisement own, HintBook book) {
    var discovery = new HazelcastDiscovery(wanted, cluster, own, book);
    discovery.thread.start();
    return discovery;
  }

  @Override
  public DiscoveryStatus status() {
    var now = phase;
    return new DiscoveryStatus(now.state, now.reason, now.members, failures.get(), book.status());
  }

  @Override
  public void close() {
    stopping.countDown();
    try {
      if (!thread.join(STOP_MAX)) {
        LOG.warn("Hazelcast is still starting after {}; it is stopped when it has", STOP_MAX);
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    var pause = RETRY_FIRST;
    try {
      while (!isStopping(Duration.ZERO)) {
        phase = new Phase(State.STARTING, phase.reason, 0);
        long begun = System.nanoTime();
        var why = attempt();
        if (isStopping(Duration.ZERO)) {
          break;
        }
        if (System.nanoTime() - begun > RETRY_MAX.toNanos()) {
          pause = RETRY_FIRST;
        }
        failures.incrementAndGet();
        phase = new Phase(State.FAILED, why, 0);
        LOG.warn("no hints by Hazelcast: {}; trying again in {} s", why, pause.toSeconds());
        isStopping(pause);
        pause = pause.multipliedBy(2).compareTo(RETRY_MAX) < 0 ? pause.multipliedBy(2) : RETRY_MAX;
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    phase = new Phase(State.STOPPED, "", 0);
  }

  /// Starts a member and stays until it has ended.
  ///
  /// @return why it has
  private String attempt() throws InterruptedException {
    var told = new Told();
    var config = MemberSettings.of(wanted, cluster, own);
    config.addListenerConfig(new ListenerConfig(told));
    Optional<HazelcastInstance> member = Optional.empty();
    try {
      member = Optional.of(Hazelcast.newHazelcastInstance(config));
      LOG.info("Hazelcast listens on {} for hints where peers are", wanted.listen());
      attend(member.get());
      return "the member has shut itself down; its log lines say why";
    } catch (RuntimeException | LinkageError failed) {
      LOG.debug("Hazelcast failed", failed);
      return describe(failed);
    } finally {
      told.end();
      member.ifPresent(it -> it.getLifecycleService().terminate());
      book.clear();
    }
  }

  private void attend(HazelcastInstance member) throws InterruptedException {
    long lookedNanos = System.nanoTime() - LOOK.toNanos();
    while (member.getLifecycleService().isRunning()) {
      if (System.nanoTime() - lookedNanos >= LOOK.toNanos()) {
        look(member);
        lookedNanos = System.nanoTime();
      }
      if (isStopping(PULSE)) {
        return;
      }
    }
  }

  private void look(HazelcastInstance member) {
    var others = member.getCluster().getMembers().stream().filter(it -> !it.localMember()).toList();
    phase = new Phase(State.RUNNING, "", others.size());
    book.present(others.stream().map(HazelcastDiscovery::sighting).toList());
  }

  private boolean isStopping(Duration within) throws InterruptedException {
    return stopping.await(within.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Sighting sighting(Member member) {
    return new Sighting(
        member.getUuid().toString(),
        Optional.ofNullable(member.getAttribute(MemberSettings.ADDRESS)),
        Optional.ofNullable(member.getAttribute(MemberSettings.NODE)),
        Optional.ofNullable(member.getAttribute(MemberSettings.SITE)));
  }

  private static String describe(Throwable failed) {
    var root = failed;
    for (var next = root.getCause(); next != null; next = next.getCause()) {
      root = next;
    }
    var said = Optional.ofNullable(failed.getMessage()).orElse(failed.getClass().getSimpleName());
    var cause = Optional.ofNullable(root.getMessage()).filter(it -> !said.contains(it));
    var text = cause.map(it -> said + " (" + it + ")").orElse(said).replaceAll("\\s+", " ");
    return text.length() <= REASON_MAX ? text : text.substring(0, REASON_MAX);
  }

  /// What the member is told while it runs. Nothing is passed on after its end: that a member stops
  /// says nothing of the others.
  private final class Told implements MembershipListener {

    private boolean isOver;

    synchronized void end() {
      isOver = true;
    }

    @Override
    public synchronized void memberAdded(MembershipEvent event) {
      if (!isOver && !event.getMember().localMember()) {
        book.found(sighting(event.getMember()));
        count(event);
      }
    }

    @Override
    public synchronized void memberRemoved(MembershipEvent event) {
      if (!isOver && !event.getMember().localMember()) {
        book.lost(event.getMember().getUuid().toString());
        count(event);
      }
    }

    private void count(MembershipEvent event) {
      var now = phase;
      if (now.state == State.RUNNING) {
        phase = new Phase(State.RUNNING, "", Math.max(0, event.getMembers().size() - 1));
      }
    }
  }
}
