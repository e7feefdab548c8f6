package io.starling.node.api.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.memory.MemorySpaces;
import io.starling.proto.v1.Answer;
import io.starling.proto.v1.ApplyStreamRequest;
import io.starling.proto.v1.ApplyStreamResponse;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.Submission;
import io.starling.proto.v1.Transaction;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PipelinedApplyTest {

  private static final Path COUNTER = Path.of("n");

  private final MemorySpaces spaces = new MemorySpaces();
  private GrpcApi api;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    var offer = Tokens.offer(spaces);
    api = GrpcApi.start(InProcessServerBuilder.forName("stream"), offer);
    channel = InProcessChannelBuilder.forName("stream").build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    api.close();
  }

  /// What a client gets back.
  private static final class Answers implements StreamObserver<ApplyStreamResponse> {
    private final List<ApplyStreamResponse> frames = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile Status status = Status.OK;

    @Override
    public synchronized void onNext(ApplyStreamResponse frame) {
      frames.add(frame);
    }

    @Override
    public void onError(Throwable failed) {
      status = Status.fromThrowable(failed);
      end.countDown();
    }

    @Override
    public void onCompleted() {
      end.countDown();
    }

    synchronized List<Answer> all() {
      return frames.stream().flatMap(frame -> frame.getAnswersList().stream()).toList();
    }

    Status awaitEnd() throws InterruptedException {
      assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
      return status;
    }
  }

  private StreamObserver<ApplyStreamRequest> open(String token, Answers answers) {
    return StarlingGrpc.newStub(channel)
        .withCallCredentials(new Tokens.Bearer(token))
        .applyStream(answers);
  }

  private static ApplyStreamRequest frame(long from, int count) {
    var frame = ApplyStreamRequest.newBuilder();
    LongStream.range(from, from + count)
        .forEach(id -> frame.addSubmissions(submission(id, new Mutation.Increment(COUNTER, 1))));
    return frame.build();
  }

  private static Submission submission(long id, Mutation mutation) {
    var transaction = Transaction.newBuilder().addMutations(WireMutations.write(mutation));
    return Submission.newBuilder().setId(id).setTransaction(transaction).build();
  }

  private long total() {
    try (var snapshot = spaces.space("main").read()) {
      return snapshot.reader().view(COUNTER, 1)
              instanceof io.starling.crdt.read.View.Counter(long total, _)
          ? total
          : 0;
    }
  }

  @Test
  void everyTransactionIsAnsweredOnceAndTheTokenCoversAll()
      throws InterruptedException, MalformedException {
    var answers = new Answers();
    var stream = open(Tokens.WRITER, answers);
    for (int i = 0; i < 50; i++) {
      stream.onNext(frame(i * 64L, 64));
    }
    stream.onCompleted();

    assertThat(answers.awaitEnd().isOk()).isTrue();
    assertThat(answers.all().stream().map(Answer::getId))
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 3_200).boxed().toList());
    assertThat(total()).isEqualTo(3_200);
    var token = Token.fromBytes(answers.frames.getLast().getToken().toByteArray());
    assertThat(token).isEqualTo(spaces.space("main").status().token());
  }

  @Test
  void aClientThatSendsFasterThanTheNodeWritesIsHeldBack() throws InterruptedException {
    spaces.space("main").hold();
    var answers = new Answers();
    var stream = open(Tokens.WRITER, answers);
    for (int i = 0; i < 20; i++) {
      stream.onNext(frame(i * 512L, 512));
    }
    stream.onCompleted();
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> spaces.space("main").outstandingMax() >= PipelinedApply.OUTSTANDING_MAX);
    spaces.space("main").release();

    assertThat(answers.awaitEnd().isOk()).isTrue();
    assertThat(answers.all()).hasSize(20 * 512);
    assertThat(spaces.space("main").outstandingMax())
        .isLessThan(PipelinedApply.OUTSTANDING_MAX + 512);
  }

  @Test
  void answersComeInGroups() throws InterruptedException {
    spaces.space("main").hold();
    var answers = new Answers();
    var stream = open(Tokens.WRITER, answers);
    stream.onNext(frame(0, 1_024));
    stream.onCompleted();
    Awaitility.await().until(() -> spaces.space("main").outstandingMax() == 1_024);
    spaces.space("main").release();

    assertThat(answers.awaitEnd().isOk()).isTrue();
    assertThat(answers.all()).hasSize(1_024);
    assertThat(answers.frames.size()).isLessThan(200);
  }

  @Test
  void oneThatIsRefusedDoesNotHoldUpTheOthers() throws InterruptedException {
    var answers = new Answers();
    var stream = open(Tokens.WRITER, answers);
    stream.onNext(
        ApplyStreamRequest.newBuilder()
            .addSubmissions(submission(1, new Mutation.Increment(COUNTER, 1)))
            .addSubmissions(submission(2, new Mutation.SetFlag(COUNTER, true)))
            .addSubmissions(Submission.newBuilder().setId(3))
            .addSubmissions(submission(4, new Mutation.Increment(COUNTER, 1)))
            .build());
    stream.onCompleted();

    assertThat(answers.awaitEnd().isOk()).isTrue();
    var byId = new java.util.TreeMap<Long, Answer>();
    answers.all().forEach(answer -> byId.put(answer.getId(), answer));
    assertThat(byId.get(1L).getOperations()).isEqualTo(1);
    assertThat(byId.get(2L).getRefusal().getCode())
        .isEqualTo(Status.Code.FAILED_PRECONDITION.value());
    assertThat(byId.get(3L).getRefusal().getReason()).isEqualTo("MALFORMED");
    assertThat(byId.get(4L).getOperations()).isEqualTo(1);
    assertThat(total()).isEqualTo(2);
  }

  @Test
  void aStreamWritesToOneSpace() throws InterruptedException {
    var answers = new Answers();
    var stream = open(Tokens.WRITER, answers);
    stream.onNext(frame(0, 1));
    stream.onNext(frame(1, 1).toBuilder().setSpace("other").build());

    assertThat(answers.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void whatMayNotBeWrittenEndsTheStream() throws InterruptedException {
    var unknown = new Answers();
    open(Tokens.WRITER, unknown).onNext(frame(0, 1).toBuilder().setSpace("nowhere").build());
    assertThat(unknown.awaitEnd().getCode()).isEqualTo(Status.Code.NOT_FOUND);

    var denied = new Answers();
    open(Tokens.READER, denied).onNext(frame(0, 1));
    assertThat(denied.awaitEnd().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);

    var tooMany = new Answers();
    open(Tokens.WRITER, tooMany).onNext(frame(0, PipelinedApply.FRAME_MAX + 1));
    assertThat(tooMany.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(total()).isZero();
  }
}
