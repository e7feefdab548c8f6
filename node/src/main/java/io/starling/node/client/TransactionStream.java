package io.starling.node.client;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.starling.proto.v1.ApplyStreamRequest;
import io.starling.proto.v1.ApplyStreamResponse;
import io.starling.proto.v1.Refusal;
import io.starling.proto.v1.Submission;
import io.starling.proto.v1.Transaction;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A pipelined stream of transactions that outlives its connection: when the node restarts, it
/// connects again and sends what is unanswered once more.
///
/// So a transaction may be made twice. That is harmless for assignments, additions and merges, and
/// not for increments.
///
/// One thread submits and finishes; it is also the one that connects again. What is outstanding is
/// bounded by [#OUTSTANDING_MAX] transactions and [#OUTSTANDING_BYTES_MAX]; to submit more waits.
public final class TransactionStream implements AutoCloseable {

  /// Transactions in a frame.
  public static final int FRAME = 64;

  /// Transactions that may be unanswered.
  public static final int OUTSTANDING_MAX = 1_024;

  /// Bytes of transactions that may be unanswered.
  public static final long OUTSTANDING_BYTES_MAX = 16 << 20;

  private static final int FRAME_BYTES_MAX = 128 << 10;
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(2);

  // How often a node that has no room is asked again before that is taken for its answer.
  private static final int RETRIES_MAX = 6;
  private static final String TOO_LARGE = "TOO_LARGE";

  private final NodeClient client;
  private final String space;
  private final Duration patience;
  private final Listener listener;

  // All below is guarded by this.
  private final Map<Long, Pending> unanswered = new LinkedHashMap<>();
  private final Deque<Refused> refused = new ArrayDeque<>();
  private final List<Submission> frame = new ArrayList<>();
  private long outstandingBytes;
  private long frameBytes;
  private Optional<Link> link = Optional.empty();
  private Optional<Throwable> broken = Optional.empty();
  private long answered;

  /// Is told of refusals, on the thread that submits.
  @FunctionalInterface
  public interface Listener {
    /// A transaction was refused; nothing of it was changed.
    void refused(long id, Refusal refusal);
  }

  private record Refused(long id, Refusal refusal) {}

  /// @param retries how often it was sent again because the node had no room
  private record Pending(Submission submission, int bytes, int retries) {}

  /// A stream that is opened by the first transaction.
  ///
  /// @param patience how long the node may be away
  public TransactionStream(NodeClient client, String space, Duration patience, Listener listener) {
    this.client = client;
    this.space = space;
    this.patience = patience;
    this.listener = listener;
  }

  /// Sends a transaction, waiting for room.
  ///
  /// @param id unique among those unanswered
  public synchronized void submit(long id, Transaction transaction) throws ClientException {
    int bytes = transaction.getSerializedSize();
    while (!hasRoom(bytes)) {
      flush();
      awaitAnswer();
    }
    var submission = Submission.newBuilder().setId(id).setTransaction(transaction).build();
    var pending = new Pending(submission, bytes, 0);
    unanswered.put(id, pending);
    outstandingBytes += bytes;
    add(pending);
    tellRefused();
  }

  private boolean hasRoom(int bytes) {
    return unanswered.isEmpty()
        || (unanswered.size() < OUTSTANDING_MAX
            && outstandingBytes + bytes <= OUTSTANDING_BYTES_MAX);
  }

  /// Returns when all that was submitted is answered.
  public synchronized void finish() throws ClientException {
    flush();
    while (!unanswered.isEmpty()) {
      awaitAnswer();
    }
    link.ifPresent(open -> open.out().onCompleted());
    link = Optional.empty();
  }

  /// How many transactions were answered, refused ones included.
  public synchronized long answered() {
    return answered;
  }

  private void add(Pending pending) throws ClientException {
    frame.add(pending.submission());
    frameBytes += pending.bytes();
    if (frame.size() == FRAME || frameBytes > FRAME_BYTES_MAX) {
      flush();
    }
  }

  private void flush() throws ClientException {
    if (link.isEmpty() || broken.isPresent()) {
      connect();
    } else {
      sendFrame(link.get());
    }
  }

  private void sendFrame(Link open) {
    if (!frame.isEmpty()) {
      var message = ApplyStreamRequest.newBuilder().setSpace(space).addAllSubmissions(frame);
      open.out().onNext(message.build());
    }
    frame.clear();
    frameBytes = 0;
  }

  // Everything unanswered goes again; the frame that was being filled is part of that.
  private void connect() throws ClientException {
    if (broken.isPresent()) {
      awaitNode(broken.get());
    }
    broken = Optional.empty();
    refused.clear();
    frame.clear();
    frameBytes = 0;
    link = Optional.of(new Link());
    resend(List.copyOf(unanswered.values()));
  }

  private void resend(Collection<Pending> all) throws ClientException {
    for (var pending : all) {
      add(pending);
    }
    flush();
  }

  // After a break the node is asked until it answers, or patience ends.
  private void awaitNode(Throwable cause) throws ClientException {
    var failed = ClientException.of(client.endpoint(), cause);
    if (failed.code() != Status.Code.UNAVAILABLE && failed.code() != Status.Code.CANCELLED) {
      throw failed;
    }
    long deadline = System.nanoTime() + patience.toNanos();
    long millis = 50;
    while (true) {
      pause(millis);
      try {
        client.status(BACKOFF_MAX);
        return;
      } catch (ClientException away) {
        if (!away.isUnreachable() || System.nanoTime() > deadline) {
          throw away;
        }
        millis = Math.min(2 * millis, BACKOFF_MAX.toMillis());
      }
    }
  }

  private void awaitAnswer() throws ClientException {
    if (broken.isPresent()) {
      connect();
    } else if (!refused.isEmpty()) {
      tellRefused();
    } else {
      pause(BACKOFF_MAX.toMillis());
    }
  }

  // Releases the lock; an answer ends it early.
  @SuppressWarnings("WaitNotInLoop")
  private void pause(long millis) throws ClientException {
    try {
      wait(millis);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw ClientException.of(client.endpoint(), Status.CANCELLED.asException());
    }
  }

  private void tellRefused() throws ClientException {
    for (var next = refused.poll(); next != null; next = refused.poll()) {
      var pending = unanswered.get(next.id());
      if (pending != null && isFull(next.refusal()) && pending.retries() < RETRIES_MAX) {
        pause(50L << pending.retries());
        var again = new Pending(pending.submission(), pending.bytes(), pending.retries() + 1);
        unanswered.put(next.id(), again);
        resend(List.of(again));
      } else if (pending != null) {
        done(next.id());
        listener.refused(next.id(), next.refusal());
      }
    }
  }

  // What is too large stays so, however often it is sent.
  private static boolean isFull(Refusal refusal) {
    return refusal.getCode() == Status.Code.UNAVAILABLE.value()
        || (refusal.getCode() == Status.Code.RESOURCE_EXHAUSTED.value()
            && !refusal.getReason().equals(TOO_LARGE));
  }

  private void done(long id) {
    var pending = unanswered.remove(id);
    if (pending != null) {
      outstandingBytes -= pending.bytes();
      answered++;
    }
  }

  private synchronized void taken(Link from, ApplyStreamResponse answers) {
    if (link.isEmpty() || link.get() != from) {
      return;
    }
    for (var answer : answers.getAnswersList()) {
      if (answer.hasRefusal()) {
        refused.add(new Refused(answer.getId(), answer.getRefusal()));
      } else {
        done(answer.getId());
      }
    }
    notifyAll();
  }

  private synchronized void broke(Link from, Throwable failed) {
    if (link.isPresent() && link.get() == from) {
      broken = Optional.of(failed);
      notifyAll();
    }
  }

  /// Ends the stream. What is unanswered may or may not be done.
  @Override
  public synchronized void close() {
    link.ifPresent(open -> open.out().onError(Status.CANCELLED.asException()));
    link = Optional.empty();
  }

  /// One stream on one connection.
  private final class Link implements StreamObserver<ApplyStreamResponse> {

    private final StreamObserver<ApplyStreamRequest> out = client.applyStream(this);

    StreamObserver<ApplyStreamRequest> out() {
      return out;
    }

    @Override
    public void onNext(ApplyStreamResponse answers) {
      taken(this, answers);
    }

    @Override
    public void onError(Throwable failed) {
      broke(this, failed);
    }

    @Override
    public void onCompleted() {
      broke(this, Status.UNAVAILABLE.withDescription("the node ended the stream").asException());
    }
  }
}
