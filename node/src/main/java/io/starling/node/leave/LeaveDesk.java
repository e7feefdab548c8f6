package io.starling.node.leave;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.identity.DepartureNote;
import io.starling.node.member.Member;
import io.starling.node.space.Level;
import io.starling.node.space.ListedSpace;
import io.starling.node.status.LeavingStatus;
import io.starling.node.status.LeavingStatus.Phase;
import io.starling.node.status.LeavingStatus.Stayed;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a node is asked to leave its cluster for good. Safe to use from any thread.
///
/// It leaves in steps, and can stay until the last but one:
///
/// 1. It takes no writes of clients any more, and gives no acknowledgements. It asks the others to
///    acknowledge all that is applied here, own batches and those it only relays.
/// 2. When as many as were asked for have nearly all, it takes no batches either, and asks once
///    more for the whole.
/// 3. It notes beside its key that it leaves, and states so in `_system`. From here there is no way
///    back: whoever has the statement takes no link of this node, so nothing written here later
///    could ever get out.
/// 4. When a member has confirmed the statement it notes that too, and ends.
///
/// A process that is killed before step 3 comes back as a member; after it, it comes back to finish
/// step 4, and after that not at all.
public final class LeaveDesk implements AutoCloseable {

  /// Longest time to hand over in.
  public static final Duration TIMEOUT_MAX = Duration.ofDays(7);

  private static final Logger LOG = LoggerFactory.getLogger(LeaveDesk.class);

  /// How long a round of questions waits for its answers.
  private static final Duration ROUND = Duration.ofMillis(500);

  private static final long PAUSE_MILLIS = 50;

  /// Without batches of the others no longer than this at a time: they go on meanwhile.
  private static final Duration SEALED_MAX = Duration.ofSeconds(10);

  /// How long the node still answers that it has left.
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final HostedSpaces spaces;
  private final Setup setup;
  private final CompletableFuture<Instant> left = new CompletableFuture<>();
  // By whom, since this node last stated that it leaves.
  private volatile CompletableFuture<KeyFingerprint> dismissed = new CompletableFuture<>();
  private Optional<Attempt> current = Optional.empty();
  private Optional<Stayed> stayed = Optional.empty();
  private long runs;
  private boolean isClosed;

  /// What it is made with.
  ///
  /// @param identity the directory of the node's identity, where its leaving is noted
  /// @param seek has all members dialled, since those who know of the leaving do not dial this node
  public record Setup(KeyFingerprint self, Path identity, Runnable seek, InstantSource clock) {}

  public LeaveDesk(HostedSpaces spaces, Setup setup) {
    this.spaces = spaces;
    this.setup = setup;
  }

  /// One attempt to leave.
  private final class Attempt {
    private final long run;
    private final int copies;
    private final Instant since;
    private final Instant until;
    private final Handover handover;
    private volatile Phase phase = Phase.HANDING_OVER;
    private volatile boolean isResumed;
    private volatile Optional<String> reasonToStay = Optional.empty();
    private Optional<Thread> thread = Optional.empty();

    private Attempt(long run, int copies, Instant since, Instant until) {
      this.run = run;
      this.copies = copies;
      this.since = since;
      this.until = until;
      this.handover = new Handover(spaces, setup.self(), new Level.Members(copies), ROUND);
    }

    private LeavingStatus status() {
      return new LeavingStatus(phase, run, since, until, copies, handover.progress());
    }

    /// Looks whether it still is to go on.
    private boolean mayGoOn() {
      if (reasonToStay.isEmpty() && !setup.clock().instant().isBefore(until)) {
        reasonToStay = Optional.of("the time is over: " + status().lacking());
      }
      return reasonToStay.isEmpty();
    }
  }

  /// Begins to leave.
  ///
  /// @param copies how many other members must have all that this node has
  /// @return why it cannot; empty if it has begun
  public synchronized Optional<String> begin(int copies, Duration timeout) {
    if (current.isPresent()) {
      return Optional.of("this node is leaving already");
    }
    var objection = objection(copies);
    if (objection.isPresent() || isClosed) {
      return objection.or(() -> Optional.of("this node is stopping"));
    }
    var now = setup.clock().instant();
    var attempt = new Attempt(++runs, copies, now, now.plus(timeout));
    LOG.info("this node begins to leave the cluster: {} others must have all of it", copies);
    spaces.refuseWrites(refusal());
    start(attempt, () -> leave(attempt));
    return Optional.empty();
  }

  private Optional<String> objection(int copies) {
    long others = others().size();
    if (others == 0) {
      return Optional.of(
          "this node is the last member of its cluster, so nobody could take over what it has;"
              + " to end the cluster stop it, and keep its directory or a backup");
    }
    if (copies > others) {
      return Optional.of(
          copies + " other members are to have all that this node has, but there are " + others);
    }
    return spaces.incomplete().or(() -> unhosted(copies));
  }

  /// A space that too few others host to take it over.
  private Optional<String> unhosted(int copies) {
    return spaces.listed().stream()
        .filter(space -> space.hosting() != ListedSpace.Hosting.ELSEWHERE)
        .filter(space -> others(space) < copies)
        .findFirst()
        .map(space ->
            "%d other members are to have all that this node has, but %d of them host '%s'; name more"
                    .formatted(copies, others(space), space.name())
                + " by starling space set %s --members".formatted(space.name()));
  }

  private long others(ListedSpace space) {
    return space.hosts().stream().filter(it -> !it.key().equals(setup.self())).count();
  }

  private List<Member> others() {
    return spaces.members().all().stream().filter(it -> !it.key().equals(setup.self())).toList();
  }

  private String refusal() {
    return "this node is leaving the cluster; write on "
        + others().stream()
            .map(Member::name)
            .sorted()
            .reduce((one, other) -> one + " or " + other)
            .orElse("another");
  }

  /// Goes on where a process that was killed had come to: the leaving is stated, and must be
  /// confirmed.
  public synchronized void resume() {
    LOG.info("this node has stated that it leaves the cluster; that must still be confirmed");
    spaces.refuseWrites(refusal());
    var now = setup.clock().instant();
    var attempt = new Attempt(++runs, 1, now, now);
    attempt.phase = Phase.ANNOUNCING;
    attempt.isResumed = true;
    start(attempt, () -> confirm(attempt));
  }

  /// The store may have been found damaged since this was stated, and be made anew.
  private void restate() throws InterruptedException {
    while (spaces.departed().isEmpty() && !dismissed.isDone()) {
      var outcome = spaces.depart(setup.clock().instant()).toCompletableFuture().join();
      if (!(outcome instanceof Outcome.Committed)) {
        Thread.sleep(ROUND);
      }
    }
  }

  /// Stays, if it still can.
  ///
  /// @return why it cannot; empty if the attempt is over
  public synchronized Optional<String> cancel() {
    if (current.isEmpty()) {
      return Optional.of("this node is not leaving");
    }
    if (current.get().phase != Phase.HANDING_OVER) {
      return Optional.of(
          "this node has stated that it leaves, and others may know that already: it cannot stay."
              + " To come back, join anew with a new key");
    }
    stay(current.get(), "it was cancelled");
    return Optional.empty();
  }

  /// How far it has come; empty if the node is not leaving.
  public synchronized Optional<LeavingStatus> status() {
    return current.map(Attempt::status);
  }

  /// The last attempt after which the node has stayed.
  public synchronized Optional<Stayed> stayed() {
    return stayed;
  }

  /// Completes when the node has left and is to stop.
  public CompletionStage<Instant> left() {
    return left.minimalCompletionStage();
  }

  /// A member takes no link of this node because it has left.
  public void dismissed(KeyFingerprint by) {
    boolean isNews = dismissed.complete(by);
    if (isNews && spaces.departed().isEmpty()) {
      LOG.error(
          "{} takes no link of this node, for it has left the cluster; its directory must be an old"
              + " copy. {}",
          by,
          "Stop it, and join anew with a new key");
    }
  }

  @Override
  public void close() {
    Optional<Thread> thread;
    synchronized (this) {
      isClosed = true;
      thread = current.flatMap(it -> it.thread);
    }
    thread.ifPresent(Thread::interrupt);
  }

  private void start(Attempt attempt, Step step) {
    current = Optional.of(attempt);
    var thread =
        Thread.ofVirtual()
            .name("leave")
            .unstarted(() -> {
              try {
                step.run();
              } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException | IOException failed) {
                LOG.error("the node could not leave", failed);
                if (attempt.isResumed || hasStated()) {
                  // Others refuse it already: what it took from now on would reach nobody.
                  insist(attempt);
                } else {
                  staySafely(attempt, "it failed: " + failed.getMessage());
                }
              }
            });
    attempt.thread = Optional.of(thread);
    thread.start();
  }

  /// Whether it stands in `_system` that this node leaves, as far as can be told.
  private boolean hasStated() {
    try {
      return spaces.departed().isPresent();
    } catch (RuntimeException unreadable) {
      LOG.error("whether this node has stated that it leaves cannot be read", unreadable);
      return true;
    }
  }

  /// Goes on until it is confirmed that this node leaves.
  private void insist(Attempt attempt) {
    boolean isOver = false;
    while (!isOver) {
      try {
        Thread.sleep(ROUND);
        confirm(attempt);
        isOver = true;
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        isOver = true;
      } catch (RuntimeException | IOException again) {
        LOG.error("the node cannot end its leaving yet", again);
      }
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private void leave(Attempt attempt) throws IOException, InterruptedException {
    while (attempt.mayGoOn() && !isHandedOver(attempt)) {
      Thread.sleep(PAUSE_MILLIS);
    }
    boolean isDecided;
    synchronized (this) {
      isDecided = attempt.mayGoOn() && isCurrent(attempt);
      if (isDecided) {
        attempt.phase = Phase.ANNOUNCING;
      }
    }
    if (!isDecided) {
      staySafely(attempt, attempt.reasonToStay.orElse("it was cancelled"));
    } else if (announce(attempt)) {
      confirm(attempt);
    }
  }

  /// One go at it: first with the doors open, since it may take long; when that is done, closed.
  private boolean isHandedOver(Attempt attempt) throws InterruptedException {
    if (!attempt.handover.isRoundDone()) {
      return false;
    }
    seal(attempt, true);
    long deadline = System.nanoTime() + SEALED_MAX.toNanos();
    try {
      while (attempt.mayGoOn() && System.nanoTime() < deadline) {
        if (attempt.handover.isWhole()) {
          return true;
        }
        attempt.handover.isRoundDone();
      }
    } finally {
      if (!attempt.handover.wasWhole()) {
        seal(attempt, false);
      }
    }
    return false;
  }

  // What was cancelled meanwhile has opened the doors, and shuts none.
  private synchronized void seal(Attempt attempt, boolean isSealed) {
    if (isCurrent(attempt)) {
      spaces.seal(isSealed);
    }
  }

  /// States it; false if that cannot be written, and is not.
  private boolean announce(Attempt attempt) throws IOException, InterruptedException {
    new DepartureNote(false, setup.clock().instant()).write(setup.identity());
    // What a peer has said before is of no account.
    dismissed = new CompletableFuture<>();
    while (true) {
      var outcome = spaces.depart(setup.clock().instant()).toCompletableFuture().join();
      if (outcome instanceof Outcome.Committed) {
        LOG.info("others have all of this node; it has stated that it leaves");
        return true;
      }
      if (spaces.departed().isPresent()) {
        return true;
      }
      if (!setup.clock().instant().isBefore(attempt.until)) {
        DepartureNote.remove(setup.identity());
        staySafely(attempt, "it could not be written into _system: " + outcome);
        return false;
      }
      Thread.sleep(ROUND);
    }
  }

  private void confirm(Attempt attempt) throws IOException, InterruptedException {
    restate();
    setup.seek().run();
    var statement = new Handover(spaces, setup.self(), new Level.Members(1), ROUND);
    boolean isToldLate = false;
    while (!dismissed.isDone()
        && !spaces.members().revocations().isRevoked(setup.self())
        && !statement.isDone(spaces.system().name())) {
      if (!isToldLate && !setup.clock().instant().isBefore(attempt.until)) {
        isToldLate = true;
        LOG.warn("no other member has confirmed yet that this node leaves; it waits for one");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    var at = spaces.departed().orElseGet(() -> setup.clock().instant());
    new DepartureNote(true, at).write(setup.identity());
    synchronized (this) {
      attempt.phase = Phase.LEFT;
    }
    LOG.info("this node has left the cluster; it stops");
    Thread.sleep(LINGER);
    left.complete(at);
  }

  private synchronized boolean isCurrent(Attempt attempt) {
    return current.filter(it -> it == attempt).isPresent();
  }

  private synchronized void staySafely(Attempt attempt, String why) {
    if (isCurrent(attempt)) {
      stay(attempt, why);
    }
  }

  private synchronized void stay(Attempt attempt, String why) {
    attempt.reasonToStay = Optional.of(why);
    current = Optional.empty();
    stayed = Optional.of(new Stayed(attempt.run, setup.clock().instant(), why));
    spaces.takeWrites();
    LOG.info("this node stays a member: {}", why);
  }
}
