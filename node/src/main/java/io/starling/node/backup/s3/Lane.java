package io.starling.node.backup.s3;

import io.starling.node.backup.repository.RepositoryException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// Requests that run beside each other, at most so many and of at most so many bytes at a time;
/// whoever adds one too many waits. After the first that fails nothing more is begun.
///
/// Safe to use from any thread.
final class Lane implements AutoCloseable {

  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

  private final int requestsMax;
  private final long bytesMax;
  // All below is guarded by this.
  private final Set<Thread> running = new LinkedHashSet<>();
  private long bytes;
  private Optional<IOException> failure = Optional.empty();
  private boolean isClosed;

  /// Something that is asked of a server.
  @FunctionalInterface
  interface Request {
    void send() throws IOException;
  }

  Lane(int requestsMax, long bytesMax) {
    this.requestsMax = requestsMax;
    this.bytesMax = bytesMax;
  }

  /// Begins a request when there is room. One that is larger than all room goes by itself.
  ///
  /// @throws IOException if an earlier one has failed; this one was not begun then
  synchronized void begin(long size, Request request) throws IOException {
    await(() ->
        failure.isPresent()
            || running.isEmpty()
            || (running.size() < requestsMax && bytes + size <= bytesMax));
    requireSound();
    bytes += size;
    var thread = Thread.ofVirtual().name("backup-request").unstarted(() -> run(size, request));
    running.add(thread);
    thread.start();
  }

  /// Returns when all have ended.
  ///
  /// @throws IOException if one has failed
  synchronized void settle() throws IOException {
    await(running::isEmpty);
    requireSound();
  }

  private void requireSound() throws IOException {
    if (failure.isPresent()) {
      // A new one each time, for who throws it may add to it.
      throw new RepositoryException(String.valueOf(failure.get().getMessage()), failure.get());
    }
    if (isClosed) {
      throw new RepositoryException("it was stopped");
    }
  }

  private void run(long size, Request request) {
    Optional<IOException> failed = Optional.empty();
    try {
      request.send();
    } catch (IOException refused) {
      failed = Optional.of(refused);
    } catch (RuntimeException | Error broken) {
      failed = Optional.of(new IOException("a request failed: " + broken, broken));
    }
    ended(size, failed);
  }

  private synchronized void ended(long size, Optional<IOException> failed) {
    bytes -= size;
    running.remove(Thread.currentThread());
    if (failure.isEmpty()) {
      failure = failed;
    }
    notifyAll();
  }

  private synchronized void await(BooleanSupplier isSo) throws IOException {
    try {
      while (!isSo.getAsBoolean()) {
        wait();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new RepositoryException("it was stopped", stopped);
    }
  }

  /// Breaks off what is running.
  @Override
  public void close() {
    Set<Thread> left;
    synchronized (this) {
      isClosed = true;
      left = new LinkedHashSet<>(running);
    }
    left.forEach(Thread::interrupt);
    try {
      for (var thread : left) {
        if (!thread.join(CLOSE_MAX)) {
          return;
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
