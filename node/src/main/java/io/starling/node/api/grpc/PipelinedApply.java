package io.starling.node.api.grpc;

import com.google.protobuf.ByteString;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.proto.v1.Answer;
import io.starling.proto.v1.ApplyStreamRequest;
import io.starling.proto.v1.ApplyStreamResponse;
import io.starling.proto.v1.Refusal;
import io.starling.proto.v1.Submission;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/// One stream of pipelined transactions.
///
/// Frames come one at a time on the call's own virtual thread. Outcomes come on whatever thread
/// completes them, and are only queued there; a single drain at a time takes all that are queued
/// and sends them as one answer. So a transaction costs no thread switch of its own, and answers
/// group by themselves as the loop's batches do.
///
/// The next frame is asked for only while few enough transactions are unanswered. Answers are sent
/// only while the transport has room. So what a stream can make this node hold is bounded, by
/// [#OUTSTANDING_MAX] and one frame more.
final class PipelinedApply implements StreamObserver<ApplyStreamRequest> {

  static final int OUTSTANDING_MAX = 1_024;
  static final int FRAME_MAX = 1_024;

  private static final long RECHECK_NANOS = Duration.ofSeconds(1).toNanos();

  private final Spaces spaces;
  private final ServerCallStreamObserver<ApplyStreamResponse> out;
  private final Executor executor;

  // Touched by the call's thread only.
  private Caller caller;
  private Optional<Space> space = Optional.empty();
  private long checkedNanos = System.nanoTime();

  private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicInteger wakeUps = new AtomicInteger();
  private volatile boolean wantsFrame;
  private volatile boolean isHalfClosed;
  private volatile Optional<StatusException> failure = Optional.empty();

  // Touched by the drain only.
  private Optional<Token> covered = Optional.empty();
  private ByteString coveredBytes = ByteString.EMPTY;
  private boolean isOver;

  /// @param reason of a refusal, for programs
  private record Answered(long id, Outcome outcome, String reason) {}

  PipelinedApply(
      Spaces spaces,
      Caller caller,
      ServerCallStreamObserver<ApplyStreamResponse> out,
      Executor executor) {
    this.spaces = spaces;
    this.caller = caller;
    this.out = out;
    this.executor = executor;
    out.disableAutoRequest();
    out.setOnReadyHandler(this::wake);
    out.setOnCancelHandler(this::wake);
    out.request(1);
  }

  @Override
  public void onNext(ApplyStreamRequest frame) {
    try {
      var target = target(frame);
      outstanding.addAndGet(frame.getSubmissionsCount());
      for (var submission : frame.getSubmissionsList()) {
        submit(target, submission);
      }
      wantsFrame = true;
      wake();
    } catch (StatusException refused) {
      failure = Optional.of(refused);
      wake();
    }
  }

  @Override
  public void onError(Throwable broken) {
    // The client is gone; what it submitted goes on, unanswered.
    wake();
  }

  @Override
  public void onCompleted() {
    isHalfClosed = true;
    wake();
  }

  private Space target(ApplyStreamRequest frame) throws StatusException {
    if (frame.getSubmissionsCount() > FRAME_MAX) {
      throw Refusals.invalid("at most " + FRAME_MAX + " transactions in a frame");
    }
    long now = System.nanoTime();
    boolean isDue = now - checkedNanos > RECHECK_NANOS;
    if (isDue) {
      checkedNanos = now;
      caller = caller.again();
    }
    var known = space;
    if (known.isPresent()
        && !frame.getSpace().isEmpty()
        && !frame.getSpace().equals(known.get().name())) {
      throw Refusals.invalid("a stream writes to one space; open another for another");
    }
    if (known.isEmpty() || isDue) {
      var name = known.map(Space::name).orElse(frame.getSpace());
      known = Optional.of(caller.writable(spaces, name));
      space = known;
    }
    return known.get();
  }

  private void submit(Space target, Submission submission) {
    long id = submission.getId();
    try {
      target
          .submit(Applying.request(caller, submission.getTransaction()))
          .whenComplete((outcome, _) -> answered(id, outcome));
    } catch (StatusException refused) {
      refuse(id, Refusals.reason(refused), String.valueOf(refused.getStatus().getDescription()));
    }
  }

  private void refuse(long id, String reason, String message) {
    var refused = new Outcome.Refused(Outcome.Reason.INVALID_ARGUMENT, message);
    answers.add(new Answered(id, refused, reason));
    wake();
  }

  private void answered(long id, Outcome outcome) {
    var reason = outcome instanceof Outcome.Refused refused ? refused.reason().name() : "";
    answers.add(new Answered(id, outcome, reason));
    wake();
  }

  // At most one drain at a time, and never a wake-up lost: the one that finds none before it runs
  // the drain, which goes on until it has seen all.
  private void wake() {
    if (wakeUps.getAndIncrement() == 0) {
      executor.execute(this::drain);
    }
  }

  private void drain() {
    int seen;
    do {
      seen = wakeUps.get();
      if (!isOver) {
        sendAnswers();
        askOrEnd();
      }
    } while (wakeUps.addAndGet(-seen) != 0);
  }

  private void sendAnswers() {
    while (!answers.isEmpty() && out.isReady()) {
      var message = ApplyStreamResponse.newBuilder();
      for (var next = answers.poll(); next != null; next = answers.poll()) {
        message.addAnswers(answer(next));
        if (message.getAnswersCount() == FRAME_MAX) {
          break;
        }
      }
      outstanding.addAndGet(-message.getAnswersCount());
      out.onNext(message.setToken(coveredBytes).build());
    }
  }

  private void askOrEnd() {
    if (out.isCancelled()) {
      isOver = true;
      answers.clear();
    } else if (failure.isPresent() && answers.isEmpty()) {
      isOver = true;
      out.onError(failure.get());
    } else if (isHalfClosed && outstanding.get() == 0) {
      isOver = true;
      out.onCompleted();
    } else if (wantsFrame && outstanding.get() < OUTSTANDING_MAX) {
      wantsFrame = false;
      out.request(1);
    }
  }

  private Answer answer(Answered answered) {
    var answer = Answer.newBuilder().setId(answered.id());
    switch (answered.outcome()) {
      case Outcome.Committed(var token, int operations, _) -> {
        cover(token);
        answer.setOperations(operations);
      }
      case Outcome.Refused(var reason, var message) ->
          answer.setRefusal(
              Refusal.newBuilder()
                  .setCode(Refusals.code(reason).value())
                  .setMessage(message)
                  .setReason(answered.reason()));
    }
    return answer.build();
  }

  // Transactions of one batch share one token, so this is rarely a new one.
  @SuppressWarnings("ReferenceEquality")
  private void cover(Token token) {
    var known = covered;
    if (known.isPresent() && (known.get() == token || isCovered(token, known.get()))) {
      return;
    }
    covered = Optional.of(token);
    coveredBytes = ReadTokens.write(token);
  }

  private static boolean isCovered(Token token, Token by) {
    return by.vector().covers(token.vector());
  }
}
