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
import java.util.function.Supplier;
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
///    could ever get out. If it cannot state it, it stays, and takes writes once the note is gone.
/// 4. When a member has confirmed the statement it notes that too, and ends.
///
/// A process that is killed before step 3 comes back as a member; after it, it comes back to finish
/// step 4, and after that not at all. If its store was lost or damaged meanwhile, what can be had
/// of it is made anew and handed over first.
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
    // Perhaps: what failed may have come to the disk.
    private volatile boolean isNoted;
    // Whether it was stated is not known.
    private volatile boolean isUndecided;
    private volatile Optional<String> trouble = Optional.empty();
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
      return new LeavingStatus(phase, run, since, until, copies, handover.progress(), trouble);
    }

    /// Says once what it cannot do now.
    private void isHeldUp(String why) {
      if (trouble.isEmpty()) {
        LOG.warn("{}; it is tried until it can be done", why);
      }
      trouble = Optional.of(why);
    }

    /// Looks whether it still is to go on.
    private boolean mayGoOn() {
      if (isResumed) {
        return !isKnownElsewhere();
      }
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

  /// Goes on where a process that was killed had come to: the leaving is stated, as far as can be
  /// told, and must be confirmed.
  public synchronized void resume() {
    LOG.info("this node has stated that it leaves the cluster; that must still be confirmed");
    spaces.refuseWrites(refusal());
    var now = setup.clock().instant();
    var attempt = new Attempt(++runs, 1, now, now);
    attempt.phase = Phase.ANNOUNCING;
    attempt.isResumed = true;
    start(attempt, () -> finish(attempt));
  }

  private void finish(Attempt attempt) throws IOException, InterruptedException {
    if (spaces.departed().isEmpty()) {
      handOverAgain(attempt);
      restate(attempt);
    }
    confirm(attempt);
  }

  /// The store does not say that this was stated. If it was, others have all, and refuse the links
  /// of this node. If not, what is here, or was before the store was damaged, is perhaps nowhere
  /// else: then it is handed over before anything is stated.
  private void handOverAgain(Attempt attempt) throws InterruptedException {
    setup.seek().run();
    while (!isKnownElsewhere() && (isRebuilding(attempt) || !isHandedOver(attempt))) {
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private boolean isRebuilding(Attempt attempt) {
    boolean isRebuilding = spaces.isRebuilding();
    if (isRebuilding) {
      attempt.isHeldUp(
          "this node leaves only when its damaged store is made anew from the other members");
    } else {
      attempt.trouble = Optional.empty();
    }
    return isRebuilding;
  }

  private void restate(Attempt attempt) throws InterruptedException {
    while (spaces.departed().isEmpty() && !isKnownElsewhere()) {
      var outcome = spaces.depart(setup.clock().instant()).toCompletableFuture().join();
      if (!(outcome instanceof Outcome.Committed)) {
        attempt.isHeldUp(unwritten(outcome));
        Thread.sleep(ROUND);
      }
    }
    attempt.trouble = Optional.empty();
  }

  private static String unwritten(Outcome outcome) {
    return "that this node leaves cannot be written into _system: " + outcome;
  }

  /// Whether others know that this node is no member any more: they take nothing of it.
  private boolean isKnownElsewhere() {
    return dismissed.isDone() || spaces.members().revocations().isRevoked(setup.self());
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
                goOnAfter(failed, attempt);
              }
            });
    attempt.thread = Optional.of(thread);
    thread.start();
  }

  private void goOnAfter(Exception failure, Attempt attempt) {
    try {
      if (attempt.isResumed || attempt.isUndecided || hasStated()) {
        // Others refuse it already: what it took from now on would reach nobody.
        insist(attempt);
      } else {
        staySafely(attempt, "it failed: " + failure.getMessage());
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
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
  private void insist(Attempt attempt) throws InterruptedException {
    attempt.isResumed = true;
    boolean isOver = false;
    while (!isOver) {
      try {
        Thread.sleep(ROUND);
        finish(attempt);
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
    var marked = written(attempt, () -> spaces.markLeaving(setup.clock().instant()));
    if (marked.isEmpty()) {
      return false;
    }
    attempt.isNoted = true;
    DepartureNote.leaving(setup.clock().instant(), marked.get().token()).write(setup.identity());
    // What a peer has said before is of no account.
    dismissed = new CompletableFuture<>();
    boolean isStated = written(attempt, () -> spaces.depart(setup.clock().instant())).isPresent();
    if (isStated) {
      LOG.info("others have all of this node; it has stated that it leaves");
    }
    return isStated;
  }

  /// Writes into `_system`, and stays if that cannot be done in time.
  private Optional<Outcome.Committed> written(
      Attempt attempt, Supplier<CompletionStage<Outcome>> write) throws InterruptedException {
    while (true) {
      var outcome = write.get().toCompletableFuture().join();
      if (outcome instanceof Outcome.Committed committed) {
        return Optional.of(committed);
      }
      boolean isUnknown =
          outcome instanceof Outcome.Refused refused
              && refused.reason() == Outcome.Reason.OUTCOME_UNKNOWN;
      attempt.isUndecided |= attempt.isNoted && isUnknown;
      boolean isLate = !setup.clock().instant().isBefore(attempt.until);
      if (isLate && !attempt.isUndecided && spaces.departed().isEmpty()) {
        staySafely(attempt, unwritten(outcome));
        return Optional.empty();
      }
      if (isLate) {
        attempt.isHeldUp(unwritten(outcome));
      }
      Thread.sleep(ROUND);
    }
  }

  private void confirm(Attempt attempt) throws IOException, InterruptedException {
    setup.seek().run();
    var statement = new Handover(spaces, setup.self(), new Level.Members(1), ROUND);
    boolean isToldLate = false;
    while (!isKnownElsewhere()
        && (isRebuilding(attempt) || !statement.isDone(spaces.system().name()))) {
      if (!isToldLate && !setup.clock().instant().isBefore(attempt.until)) {
        isToldLate = true;
        LOG.warn("no other member has confirmed yet that this node leaves; it waits for one");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    var at = spaces.departed().orElseGet(() -> setup.clock().instant());
    DepartureNote.left(at).write(setup.identity());
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

  /// Stays, once nothing says any more that this node leaves: with the note, a later start would
  /// leave, and what was written until then might be nowhere else.
  private void staySafely(Attempt attempt, String why) throws InterruptedException {
    while (attempt.isNoted) {
      try {
        DepartureNote.remove(setup.identity());
        attempt.isNoted = false;
      } catch (IOException failed) {
        attempt.isHeldUp(
            "this node stays, but takes no writes until its note of leaving is"
                + " removed, which failed: "
                + failed);
        Thread.sleep(ROUND);
      }
    }
    synchronized (this) {
      if (isCurrent(attempt)) {
        stay(attempt, why);
      }
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
