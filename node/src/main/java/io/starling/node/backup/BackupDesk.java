package io.starling.node.backup;

import io.starling.node.backup.BackupStatus.Ended;
import io.starling.node.backup.BackupStatus.Result;
import io.starling.node.backup.BackupStatus.Running;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.port.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes backups of the node it is in, one at a time, each on a thread of its own. Safe to use from
/// any thread.
public final class BackupDesk implements AutoCloseable {

  /// After one that failed, the next is tried so much later.
  public static final Duration RETRY = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(BackupDesk.class);

  // Newest first; further back there is hardly one of this node, or it is long ago.
  private static final int LOOKED_AT_MAX = 64;
  private static final Duration STOP_MAX = Duration.ofSeconds(20);

  private final RepositoryAccess access;
  private final Manifest.Source source;
  private final long bytesPerSecond;
  private final Supplier<List<BackupRun.Subject>> subjects;
  private final InstantSource clock;
  // All below is guarded by this.
  private BackupStatus status;
  private Optional<BackupRun> run = Optional.empty();
  private Optional<Instant> since = Optional.empty();
  private Optional<Thread> thread = Optional.empty();
  private boolean isClosed;
  private boolean isLookedAt;
  private long number;

  /// @param bytesPerSecond of rows that are read at most
  /// @param subjects opens a snapshot of each space
  public BackupDesk(
      RepositoryAccess access,
      Manifest.Source source,
      long bytesPerSecond,
      Supplier<List<BackupRun.Subject>> subjects,
      InstantSource clock) {
    this.access = access;
    this.source = source;
    this.bytesPerSecond = bytesPerSecond;
    this.subjects = subjects;
    this.clock = clock;
    this.status = BackupStatus.none(access.location());
  }

  /// Looks in the repository, in the background, when this node last made a backup; and makes
  /// backups when they are due, if there is a schedule.
  ///
  /// Due is the first time of the schedule after the last backup, so that one that was missed while
  /// the node was down is made up for; if there was none, after now.
  ///
  /// @param tick how often it is looked whether one is due
  public void begin(Optional<Schedule> schedule, Duration tick) {
    var began = clock.instant();
    Thread.ofVirtual()
        .name("backup-schedule")
        .start(() -> {
          look();
          if (schedule.isPresent()) {
            attend(schedule.get(), began, tick);
          }
        });
  }

  private void attend(Schedule schedule, Instant began, Duration tick) {
    try {
      while (!isClosed()) {
        startIfDue(schedule, began);
        Thread.sleep(tick);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /// In one step, so that one which ends meanwhile is not made a second time.
  private synchronized void startIfDue(Schedule schedule, Instant began) {
    if (thread.isEmpty() && !clock.instant().isBefore(due(schedule, began))) {
      start();
    }
  }

  private Instant due(Schedule schedule, Instant began) {
    var now = status();
    var due = schedule.next(now.succeeded().orElse(began));
    return now.last()
        .filter(it -> it.result() instanceof Result.Failed)
        .map(it -> it.until().plus(RETRY))
        .filter(due::isBefore)
        .orElse(due);
  }

  private synchronized boolean isClosed() {
    return isClosed;
  }

  /// Whether the repository was looked at.
  synchronized boolean isLookedAt() {
    return isLookedAt;
  }

  /// Begins a backup.
  ///
  /// @return its number; empty if one is being made
  public synchronized Optional<Long> start() {
    if (thread.isPresent() || isClosed) {
      return Optional.empty();
    }
    number++;
    long mine = number;
    since = Optional.of(clock.instant());
    var begun = Thread.ofPlatform().daemon().name("backup").unstarted(() -> make(mine));
    thread = Optional.of(begun);
    begun.start();
    return Optional.of(mine);
  }

  /// How things are.
  public synchronized BackupStatus status() {
    var running =
        since.map(begun ->
            new Running(number, begun, run.map(BackupRun::progress).orElse(Progress.NONE)));
    return new BackupStatus(
        status.repository(),
        running,
        status.last(),
        status.succeeded(),
        status.name(),
        status.made(),
        status.failed());
  }

  private void make(long mine) {
    Result result;
    try (var repository = access.open()) {
      var made = begun(repository).make(subjects);
      LOG.info(
          "backup {} is made: {} chunks, of which {} are new, {} bytes added",
          made.name(),
          made.manifest().totals().chunks(),
          made.manifest().totals().addedChunks(),
          made.manifest().totals().addedBytes());
      result = new Result.Made(made.name(), made.manifest().totals());
    } catch (IOException | StorageFailure failed) {
      LOG.error("no backup was made: {}", failed.getMessage());
      result = new Result.Failed(String.valueOf(failed.getMessage()));
    } catch (InterruptedException stopped) {
      result = new Result.Failed("it was stopped");
    } catch (RuntimeException | AssertionError broken) {
      // A row that no engine wrote is met as an assertion: bit rot, or a bug.
      LOG.error("no backup was made; the node's store may be damaged", broken);
      result =
          new Result.Failed(
              "a row of the node's store cannot be read; it is damaged, or this is a bug. The log"
                  + " says more; make the backup on another node");
    }
    ended(mine, result);
  }

  private synchronized BackupRun begun(Repository repository) throws RepositoryException {
    if (isClosed) {
      throw new RepositoryException("the node is stopping");
    }
    var begun = new BackupRun(repository, source, bytesPerSecond, clock);
    run = Optional.of(begun);
    return begun;
  }

  private synchronized void ended(long mine, Result result) {
    var ended =
        Optional.of(new Ended(mine, since.orElse(clock.instant()), clock.instant(), result));
    status =
        switch (result) {
          case Result.Made(var name, _) ->
              new BackupStatus(
                  status.repository(),
                  Optional.empty(),
                  ended,
                  Optional.of(clock.instant()),
                  Optional.of(name),
                  status.made() + 1,
                  status.failed());
          case Result.Failed _ ->
              new BackupStatus(
                  status.repository(),
                  Optional.empty(),
                  ended,
                  status.succeeded(),
                  status.name(),
                  status.made(),
                  status.failed() + 1);
        };
    run = Optional.empty();
    since = Optional.empty();
    thread = Optional.empty();
  }

  private void look() {
    try (var repository = access.open()) {
      var names = repository.backups().reversed();
      for (var name : names.subList(0, Math.min(names.size(), LOOKED_AT_MAX))) {
        var manifest = Manifest.read(repository, name);
        if (manifest.source().node().equals(source.node())
            && manifest.source().cluster().equals(source.cluster())) {
          found(name, manifest.finished());
          return;
        }
      }
    } catch (IOException failed) {
      LOG.warn("the repository of backups cannot be used: {}", failed.getMessage());
    } finally {
      looked();
    }
  }

  private synchronized void looked() {
    isLookedAt = true;
  }

  private synchronized void found(String name, Instant finished) {
    if (status.succeeded().isEmpty()) {
      status =
          new BackupStatus(
              status.repository(),
              status.running(),
              status.last(),
              Optional.of(finished),
              Optional.of(name),
              status.made(),
              status.failed());
    }
  }

  /// Has a backup that is being made end, as failed, and returns when it has.
  @Override
  public void close() throws InterruptedException {
    Optional<Thread> running;
    synchronized (this) {
      isClosed = true;
      run.ifPresent(BackupRun::stop);
      running = thread;
    }
    if (running.isPresent() && !running.get().join(STOP_MAX)) {
      LOG.warn("a backup did not end in time; it is broken off");
    }
  }
}
