package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.starling.node.transport.Flock.Bird;
import io.starling.proto.peer.v1.Echo;
import io.starling.proto.peer.v1.Frame;
import io.starling.proto.peer.v1.PeerGrpc;
import io.starling.proto.peer.v1.Pull;
import io.starling.proto.peer.v1.SignedBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A member with a valid certificate that speaks the protocol as the test says.
final class ConversationTest {

  /// What is given up after seconds is given up after fractions.
  private static final TransportLimits IMPATIENT = waiting(Duration.ofMillis(800));

  private static final TransportLimits PATIENT = waiting(Duration.ofMinutes(5));

  @TempDir private Path root;
  private Flock flock;
  private Bird alpha;
  private Bird beta;
  private ManagedChannel channel;
  private StreamObserver<Frame> out;
  private final Said said = new Said();

  @BeforeEach
  void join() throws Exception {
    flock = new Flock(root, "flock");
    alpha = flock.join("alpha");
    beta = flock.join("beta");
  }

  private void open(TransportLimits limits) throws IOException {
    alpha.start(0, limits);
    connect(PeerTls.of(beta.identity, InstantSource.system()).client());
    out = PeerGrpc.newStub(channel).exchange(said);
  }

  private void connect(SslContext client) {
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", alpha.address().port())
            .sslContext(client)
            .build();
  }

  @AfterEach
  void close() throws Exception {
    channel.shutdownNow();
    assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    flock.close();
  }

  private static TransportLimits waiting(Duration patience) {
    return new TransportLimits(
        8,
        TransportLimits.Queue.DEFAULT,
        new TransportLimits.Timing(
            patience,
            Duration.ofMillis(50),
            patience,
            Duration.ofMillis(20),
            Duration.ofMillis(100)),
        TransportLimits.Faults.DEFAULT);
  }

  @Test
  void whoSaysHelloIsGreetedAndUp() throws Exception {
    open(PATIENT);
    out.onNext(hello());
    await().until(() -> alpha.isLinked(beta));
    await().until(() -> !said.frames.isEmpty());
    var answer = said.frames.element().getHello();
    assertThat(answer.getCluster()).isEqualTo(hello().getHello().getCluster());
    assertThat(answer.getCertificatesList()).as("TLS has shown it").isEmpty();
  }

  @Test
  void aProcessIsToldOfEachCertificateOnce() throws Exception {
    open(PATIENT);
    var gamma = flock.join("gamma").identity.certificate();
    alpha.roster.learn(gamma);
    var hello = hello();
    out.onNext(hello);
    await().until(() -> !said.frames.isEmpty());
    assertThat(certificates(said)).containsExactly(gamma.bytes());
    var second = new Said();
    PeerGrpc.newStub(channel).exchange(second).onNext(hello);
    await().until(() -> !second.frames.isEmpty());
    assertThat(certificates(second)).isEmpty();
    var delta = flock.join("delta").identity.certificate();
    alpha.roster.learn(delta);
    var third = new Said();
    PeerGrpc.newStub(channel).exchange(third).onNext(hello);
    await().until(() -> !third.frames.isEmpty());
    assertThat(certificates(third)).containsExactly(delta.bytes());
    var startedAgain = new Said();
    PeerGrpc.newStub(channel).exchange(startedAgain).onNext(hello());
    await().until(() -> !startedAgain.frames.isEmpty());
    assertThat(certificates(startedAgain)).containsExactlyInAnyOrder(gamma.bytes(), delta.bytes());
  }

  @Test
  void aSecondStreamToTheSameProcessIsNoNews() throws Exception {
    open(PATIENT);
    var hello = hello();
    out.onNext(hello);
    await().until(() -> alpha.isLinked(beta));
    var second = new Said();
    var more = PeerGrpc.newStub(channel).exchange(second);
    more.onNext(hello);
    more.onNext(echo());
    await().until(() -> second.frames.stream().anyMatch(frame -> frame.getEcho().getAnswer()));
    assertThat(alpha.inbox.ups).hasSize(1);
    // What was lost with it is to be found out over the one that is left.
    more.onCompleted();
    await().until(() -> alpha.inbox.ups.size() == 2);
    var startedAgain = new Said();
    PeerGrpc.newStub(channel).exchange(startedAgain).onNext(hello());
    await().until(() -> alpha.inbox.ups.size() == 3);
    assertThat(alpha.isLinked(beta)).isTrue();
  }

  @Test
  void noSessionIsOfferedToBeResumed() throws Exception {
    var checked = new AtomicInteger();
    InstantSource clock = () -> Instant.now().plusNanos(checked.incrementAndGet());
    var client = PeerTls.of(beta.identity, clock).client();
    client.sessionContext().setSessionTimeout(60);
    alpha.start(0, PATIENT);
    for (int connections = 1; connections <= 2; connections++) {
      var first = new Said();
      connect(client);
      var words = PeerGrpc.newStub(channel).exchange(first);
      words.onNext(hello());
      words.onNext(echo());
      await().until(() -> first.frames.stream().anyMatch(frame -> frame.getEcho().getAnswer()));
      assertThat(checked).as("certificates that were looked at").hasValue(connections);
      channel.shutdownNow();
    }
  }

  @Test
  void whoSaysNothingIsSentAway() throws Exception {
    open(IMPATIENT);
    await().until(said::isOver);
    assertThat(said.status().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(said.status().getDescription()).contains("no Hello within");
    assertThat(alpha.transport().refusals().get(Refusal.PROTOCOL)).isEqualTo(1);
  }

  @Test
  void whoSpeaksBeforeHelloIsSentAway() throws Exception {
    open(PATIENT);
    out.onNext(Frame.newBuilder().setPull(Pull.getDefaultInstance()).build());
    await().until(said::isOver);
    assertThat(said.status().getDescription()).contains("before its Hello");
    assertThat(alpha.transport().traffic()).isEmpty();
  }

  @Test
  void anotherVersionIsNamed() throws Exception {
    open(PATIENT);
    var hello = hello().getHello().toBuilder().setVersionMin(7).setVersionMax(9);
    out.onNext(Frame.newBuilder().setHello(hello).build());
    await().until(said::isOver);
    assertThat(said.status().getDescription()).contains("versions 7 to 9", "upgrade the older one");
  }

  @Test
  void anotherClustersNameIsRefused() throws Exception {
    open(PATIENT);
    var hello = hello().getHello().toBuilder().setCluster(ByteString.copyFrom(new byte[16]));
    out.onNext(Frame.newBuilder().setHello(hello).build());
    await().until(said::isOver);
    assertThat(said.status().getDescription()).contains("another cluster");
  }

  @Test
  void aFrameBeyondTheLimitEndsTheStreamAndNothingElse() throws Exception {
    open(PATIENT);
    out.onNext(hello());
    await().until(() -> alpha.isLinked(beta));
    var body = ByteString.copyFrom(new byte[TransportLimits.FRAME_BYTES_MAX]);
    var batches = io.starling.proto.peer.v1.Batches.newBuilder();
    batches.addBatches(SignedBatch.newBuilder().setBody(body));
    out.onNext(Frame.newBuilder().setBatches(batches).build());
    await().until(said::isOver);
    await().until(() -> !alpha.isLinked(beta));
  }

  @Test
  void whatIsNotUnderstoodIsPassedOver() throws Exception {
    open(PATIENT);
    out.onNext(hello());
    await().until(() -> alpha.isLinked(beta));
    out.onNext(Frame.getDefaultInstance());
    out.onNext(echo());
    await().until(() -> said.frames.stream().anyMatch(frame -> frame.getEcho().getAnswer()));
    assertThat(alpha.traffic(beta).losses().invalid()).isZero();
    assertThat(alpha.traffic(beta).in())
        .containsEntry(FrameKind.UNKNOWN, new PeerTraffic.Flow(1, 0));
  }

  @Test
  void faultsOfFormAreCountedAndShutOut() throws Exception {
    open(PATIENT);
    out.onNext(hello());
    await().until(() -> alpha.isLinked(beta));
    for (int i = 0; i < 4; i++) {
      out.onNext(Frame.newBuilder().setPull(Pull.getDefaultInstance()).build());
    }
    await().until(said::isOver);
    assertThat(said.status().getDescription()).contains("shut out");
    assertThat(alpha.traffic(beta).losses().invalid()).isEqualTo(4);
  }

  @Test
  void aPeerThatFallsSilentGoesDown() throws Exception {
    open(IMPATIENT);
    out.onNext(hello());
    await().until(() -> alpha.inbox.everUp.contains(beta.identity.fingerprint()));
    await().until(said::isOver);
    assertThat(said.status().getDescription()).contains("nothing was heard");
    await().until(() -> !alpha.isLinked(beta));
  }

  @Test
  void aStreamTooManyIsClosedAndTheOthersGoOn() throws Exception {
    open(PATIENT);
    out.onNext(hello());
    await().until(() -> !said.frames.isEmpty());
    for (int i = 1; i < 4; i++) {
      var more = new Said();
      PeerGrpc.newStub(channel).exchange(more).onNext(hello());
      await().until(() -> !more.frames.isEmpty());
      assertThat(more.isOver()).isFalse();
    }
    var fifth = new Said();
    PeerGrpc.newStub(channel).exchange(fifth).onNext(hello());
    await().until(fifth::isOver);
    assertThat(fifth.status().getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(fifth.status().getDescription()).contains("streams enough");
    out.onNext(echo());
    await().until(() -> said.frames.stream().anyMatch(frame -> frame.getEcho().getAnswer()));
    out.onCompleted();
    await().until(said::isOver);
    var later = new Said();
    PeerGrpc.newStub(channel).exchange(later).onNext(hello());
    await().until(() -> !later.frames.isEmpty());
    assertThat(alpha.isLinked(beta)).isTrue();
  }

  @Test
  void aCutWireIsNoticedByBothEndsAndMended() throws Exception {
    open(IMPATIENT);
    try (var wire = new Wire(alpha.address())) {
      beta.start(0, IMPATIENT, wire.address());
      await().until(() -> alpha.isLinked(beta) && beta.isLinked(alpha));
      wire.freeze();
      await().until(() -> !alpha.isLinked(beta) && !beta.isLinked(alpha));
      wire.thaw();
      await().until(() -> alpha.isLinked(beta) && beta.isLinked(alpha));
    }
  }

  private Frame hello() {
    return new Greeting(beta.identity.cluster(), beta.roster).first().frame();
  }

  private static List<byte[]> certificates(Said said) {
    return said.frames.stream()
        .flatMap(frame -> frame.getHello().getCertificatesList().stream())
        .map(ByteString::toByteArray)
        .toList();
  }

  private static Frame echo() {
    return Frame.newBuilder().setEcho(Echo.newBuilder().setMark(7)).build();
  }

  /// What the node says.
  private static final class Said implements StreamObserver<Frame> {

    private final Queue<Frame> frames = new ConcurrentLinkedQueue<>();
    private final Queue<Status> ends = new ConcurrentLinkedQueue<>();

    boolean isOver() {
      return !ends.isEmpty();
    }

    Status status() {
      return ends.element();
    }

    @Override
    public void onNext(Frame frame) {
      frames.add(frame);
    }

    @Override
    public void onError(Throwable cause) {
      ends.add(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
      ends.add(Status.OK);
    }
  }
}
