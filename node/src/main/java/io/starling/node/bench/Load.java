package io.starling.node.bench;

import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyStreamRequest;
import io.starling.proto.v1.ApplyStreamResponse;
import io.starling.proto.v1.Mutation;
import io.starling.proto.v1.Path;
import io.starling.proto.v1.SetRegister;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.Submission;
import io.starling.proto.v1.Transaction;
import io.starling.proto.v1.Value;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// Writers that send durable single-operation transactions to a node, or to the control that only
/// answers.
final class Load {

  /// Operations in a frame of the pipelined load.
  static final int FRAME = 64;

  /// Frames on their way at once.
  static final int WINDOW = 8;

  /// Keys written to, over and over.
  static final int KEYS = 100_000;

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final StarlingGrpc.StarlingBlockingStub blocking;
  private final StarlingGrpc.StarlingStub async;
  private final AtomicLong sequence = new AtomicLong();

  Load(Channel channel, String token) {
    var headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    var attach = MetadataUtils.newAttachHeadersInterceptor(headers);
    blocking = StarlingGrpc.newBlockingStub(channel).withInterceptors(attach);
    async = StarlingGrpc.newStub(channel).withInterceptors(attach);
  }

  static String key(long n) {
    return "bench/" + n * 7919 % KEYS;
  }

  static String value(long n) {
    return "value-" + (1_000_000_000_000_000_000L + n) + "-padding";
  }

  /// One transaction that sets one register of 32 bytes.
  Transaction transaction() {
    long n = sequence.incrementAndGet();
    var path = Path.newBuilder().setKey(key(n));
    var value = Value.newBuilder().setText(value(n));
    var set = SetRegister.newBuilder().setValue(value);
    return Transaction.newBuilder()
        .addMutations(Mutation.newBuilder().setPath(path).setSet(set))
        .build();
  }

  /// Unary calls, one after the other on each of some threads.
  ///
  /// @return transactions answered per second
  double unary(int clients, Duration duration) throws InterruptedException {
    var done = new AtomicLong();
    var failure = new AtomicReference<RuntimeException>();
    long begin = System.nanoTime();
    long end = begin + duration.toNanos();
    var threads = new Thread[clients];
    for (int i = 0; i < clients; i++) {
      threads[i] = Thread.ofVirtual().start(() -> callUntil(end, done, failure));
    }
    for (var thread : threads) {
      thread.join();
    }
    rethrow(failure);
    return perSecond(done.get(), begin);
  }

  private void callUntil(long end, AtomicLong done, AtomicReference<RuntimeException> failure) {
    try {
      while (System.nanoTime() < end) {
        var request = ApplyRequest.newBuilder().setTransaction(transaction()).build();
        if (blocking.apply(request).getToken().isEmpty()) {
          throw new IllegalStateException("an answer without a token");
        }
        done.incrementAndGet();
      }
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  /// One stream with frames of [#FRAME] transactions, [#WINDOW] of them on their way.
  ///
  /// @return transactions answered per second
  double pipelined(Duration duration) throws InterruptedException {
    var stream = new Stream();
    async.applyStream(stream);
    long begin = System.nanoTime();
    long end = begin + duration.toNanos();
    while (System.nanoTime() < end && stream.window.tryAcquire(FRAME, 10, TimeUnit.SECONDS)) {
      stream.send(frame());
    }
    stream.finish();
    rethrow(stream.failure);
    return perSecond(stream.answered.get(), begin);
  }

  private ApplyStreamRequest frame() {
    var frame = ApplyStreamRequest.newBuilder();
    for (int i = 0; i < FRAME; i++) {
      frame.addSubmissions(Submission.newBuilder().setId(i + 1L).setTransaction(transaction()));
    }
    return frame.build();
  }

  private static double perSecond(long count, long begin) {
    return count / ((System.nanoTime() - begin) / 1e9);
  }

  private static void rethrow(AtomicReference<RuntimeException> failure) {
    var thrown = failure.get();
    if (thrown != null) {
      throw thrown;
    }
  }

  /// Answers of a pipelined stream as they come.
  private static final class Stream
      implements ClientResponseObserver<ApplyStreamRequest, ApplyStreamResponse> {
    private final Semaphore window = new Semaphore(FRAME * WINDOW);
    private final AtomicLong answered = new AtomicLong();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final AtomicReference<ClientCallStreamObserver<ApplyStreamRequest>> requests =
        new AtomicReference<>();

    @Override
    public void beforeStart(ClientCallStreamObserver<ApplyStreamRequest> stream) {
      requests.set(stream);
      begun.countDown();
    }

    private ClientCallStreamObserver<ApplyStreamRequest> requests() {
      return Optional.ofNullable(requests.get()).orElseThrow();
    }

    void send(ApplyStreamRequest frame) throws InterruptedException {
      begun.await();
      requests().onNext(frame);
    }

    void finish() throws InterruptedException {
      requests().onCompleted();
      if (!over.await(30, TimeUnit.SECONDS)) {
        failure.compareAndSet(null, new IllegalStateException("no answer for 30 s"));
      }
    }

    @Override
    public void onNext(ApplyStreamResponse response) {
      for (var answer : response.getAnswersList()) {
        if (answer.hasRefusal()) {
          failure.compareAndSet(null, new IllegalStateException(answer.getRefusal().getMessage()));
        }
      }
      answered.addAndGet(response.getAnswersCount());
      window.release(response.getAnswersCount());
    }

    @Override
    public void onError(Throwable t) {
      failure.compareAndSet(null, new IllegalStateException(t.getMessage(), t));
      window.release(FRAME * WINDOW);
      over.countDown();
    }

    @Override
    public void onCompleted() {
      over.countDown();
    }
  }
}
