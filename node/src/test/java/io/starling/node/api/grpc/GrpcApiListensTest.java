package io.starling.node.api.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ChannelCredentials;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.IdentityFiles;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.memory.MemorySpaces;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.StatusRequest;
import io.starling.proto.v1.Transaction;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GrpcApiListensTest {

  private static final InetSocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final MemorySpaces spaces = new MemorySpaces();
  private final GrpcApi.Offer offer = Tokens.offer(spaces);

  @TempDir private java.nio.file.Path directory;

  private NodeIdentity identity() throws IOException, IdentityException {
    var authority = directory.resolve("authority");
    var node = directory.resolve("node");
    ClusterInit.create(authority, "test");
    var request = JoinRequest.create(node, "one", "here", List.of("localhost", "127.0.0.1"));
    var invitation = directory.resolve("invitation.pem");
    Invitation.issue(authority, request, List.of()).writeTo(invitation);
    return Invitation.accept(node, invitation);
  }

  private static void call(
      int port, ChannelCredentials credentials, java.util.function.Consumer<ManagedChannel> calls)
      throws InterruptedException {
    var channel = Grpc.newChannelBuilderForAddress("localhost", port, credentials).build();
    try {
      calls.accept(channel);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static StarlingGrpc.StarlingBlockingStub stub(ManagedChannel channel) {
    return StarlingGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .withCallCredentials(new Tokens.Bearer(Tokens.WRITER));
  }

  private static void assertUnavailable(ManagedChannel channel) {
    assertThatThrownBy(() -> stub(channel).status(StatusRequest.getDefaultInstance()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failed -> assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  @Test
  void whoeverTrustsTheAuthorityIsAnsweredOverTls()
      throws IOException, IdentityException, InterruptedException {
    var identity = identity();
    var authority = IdentityFiles.authority(directory.resolve("node")).toFile();
    var trusting = TlsChannelCredentials.newBuilder().trustManager(authority).build();
    try (var api = GrpcApi.start(LOOPBACK, Optional.of(identity.api()), offer)) {
      call(
          api.port(),
          trusting,
          channel ->
              assertThat(stub(channel).status(StatusRequest.getDefaultInstance()).getVersion())
                  .isEqualTo("test"));
      call(api.port(), TlsChannelCredentials.create(), GrpcApiListensTest::assertUnavailable);
      call(api.port(), InsecureChannelCredentials.create(), GrpcApiListensTest::assertUnavailable);
    }
  }

  @Test
  void healthIsAnsweredWithoutABearerToken() throws IOException, InterruptedException {
    try (var api = GrpcApi.start(LOOPBACK, Optional.empty(), offer)) {
      call(
          api.port(),
          InsecureChannelCredentials.create(),
          channel -> {
            var health = HealthGrpc.newBlockingStub(channel);
            for (var service : List.of("", StarlingGrpc.SERVICE_NAME)) {
              var request = HealthCheckRequest.newBuilder().setService(service).build();
              assertThat(health.check(request).getStatus()).isEqualTo(ServingStatus.SERVING);
            }
          });
    }
  }

  @Test
  void garbageIsCutOffAndDoesNoHarm() throws IOException, IdentityException, InterruptedException {
    var random = new Random(20_261_121);
    var identity = identity();
    var authority = IdentityFiles.authority(directory.resolve("node")).toFile();
    var trusting = TlsChannelCredentials.newBuilder().trustManager(authority).build();
    try (var plain = GrpcApi.start(LOOPBACK, Optional.empty(), offer);
        var tls = GrpcApi.start(LOOPBACK, Optional.of(identity.api()), offer)) {
      for (int i = 0; i < 20; i++) {
        var garbage = new byte[1 + random.nextInt(4_000)];
        random.nextBytes(garbage);
        for (var api : List.of(plain, tls)) {
          try (var socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.getOutputStream().write(garbage);
            socket.shutdownOutput();
            socket.setSoTimeout(20_000);
            assertThat(isCutOff(socket)).isTrue();
          }
        }
      }
      var request = StatusRequest.getDefaultInstance();
      call(
          plain.port(),
          InsecureChannelCredentials.create(),
          channel -> assertThat(stub(channel).status(request).getVersion()).isEqualTo("test"));
      call(
          tls.port(),
          trusting,
          channel -> assertThat(stub(channel).status(request).getVersion()).isEqualTo("test"));
    }
  }

  private static boolean isCutOff(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketException reset) {
      return true;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    }
  }

  @Test
  void aMessageBeyondTheLimitIsRefused() throws IOException, InterruptedException {
    var text = new Value.Text("x".repeat(GrpcApi.MESSAGE_BYTES_MAX));
    var set = WireMutations.write(new Mutation.Set(Path.of("k"), text, ReadRule.LATEST));
    var transaction = Transaction.newBuilder().addMutations(set);
    var request = ApplyRequest.newBuilder().setTransaction(transaction).build();
    try (var api = GrpcApi.start(LOOPBACK, Optional.empty(), offer)) {
      call(
          api.port(),
          InsecureChannelCredentials.create(),
          channel ->
              assertThatThrownBy(() -> stub(channel).apply(request))
                  .isInstanceOfSatisfying(
                      StatusRuntimeException.class,
                      refused ->
                          assertThat(refused.getStatus().getCode())
                              .isEqualTo(Status.Code.RESOURCE_EXHAUSTED)));
    }
  }

  @Test
  void aConnectionTooManyIsClosedAtOnceAndThereIsRoomAgainWhenOneGoes()
      throws IOException, InterruptedException {
    try (var api = GrpcApi.start(LOOPBACK, Optional.empty(), offer, 2)) {
      try (var first = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
        call(
            api.port(),
            InsecureChannelCredentials.create(),
            channel -> {
              var status = StatusRequest.getDefaultInstance();
              assertThat(stub(channel).status(status).getVersion()).isEqualTo("test");
              assertThat(api.connections()).isEqualTo(2);
              assertTurnedAway(api);
              // Those that were there before are served as ever.
              assertThat(stub(channel).status(status).getVersion()).isEqualTo("test");
            });
        assertThat(first.isClosed()).isFalse();
      }
      await().until(() -> api.connections() == 0);
      call(
          api.port(),
          InsecureChannelCredentials.create(),
          channel ->
              assertThat(stub(channel).status(StatusRequest.getDefaultInstance()).getVersion())
                  .isEqualTo("test"));
    }
  }

  private static void assertTurnedAway(GrpcApi api) {
    try (var third = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
      third.setSoTimeout(20_000);
      assertThat(isCutOff(third)).isTrue();
      assertThat(api.connectionsRefused()).isEqualTo(1);
      call(api.port(), InsecureChannelCredentials.create(), GrpcApiListensTest::assertUnavailable);
      assertThat(api.connections()).isEqualTo(2);
    } catch (IOException | InterruptedException failed) {
      throw new AssertionError(failed);
    }
  }

  /// One more waits in the client until others are done.
  @Test
  void callsOnAConnectionBeyondTheLimitWaitUntilOthersEnd()
      throws IOException, InterruptedException {
    try (var api = GrpcApi.start(LOOPBACK, Optional.empty(), offer)) {
      call(
          api.port(),
          InsecureChannelCredentials.create(),
          channel -> {
            var watches = new ArrayList<CancellableContext>();
            var answers = new AtomicInteger();
            var cancelled = new AtomicInteger();
            for (int i = 0; i < 32; i++) {
              watches.add(watchHealth(channel, answers, cancelled));
            }
            await().until(() -> answers.get() == 32);
            var further = new AtomicInteger();
            watches.add(watchHealth(channel, further, cancelled));
            await().during(Duration.ofMillis(300)).until(() -> further.get() == 0);
            // The client looks for room when a call ends, and still counts that one: so two do.
            watches.get(0).cancel(null);
            await().until(() -> cancelled.get() == 1);
            watches.get(1).cancel(null);
            await().until(() -> further.get() == 1);
            watches.getLast().cancel(null);
          });
    }
  }

  private static CancellableContext watchHealth(
      ManagedChannel channel, AtomicInteger answers, AtomicInteger ended) {
    var context = Context.current().withCancellation();
    context.run(() ->
        HealthGrpc.newStub(channel)
            .watch(
                HealthCheckRequest.getDefaultInstance(),
                new StreamObserver<HealthCheckResponse>() {
                  @Override
                  public void onNext(HealthCheckResponse answer) {
                    answers.incrementAndGet();
                  }

                  @Override
                  public void onError(Throwable cancelled) {
                    ended.incrementAndGet();
                  }

                  @Override
                  public void onCompleted() {}
                }));
    return context;
  }

  @Test
  void metadataBeyondTheLimitIsRefused() throws IOException, InterruptedException {
    try (var api = GrpcApi.start(LOOPBACK, Optional.empty(), offer)) {
      call(
          api.port(),
          InsecureChannelCredentials.create(),
          channel -> {
            var request = StatusRequest.getDefaultInstance();
            assertThat(withMetadata(channel, 7_000).status(request).getVersion()).isEqualTo("test");
            assertThatThrownBy(() -> withMetadata(channel, 8_192).status(request))
                .isInstanceOf(StatusRuntimeException.class);
            assertThat(stub(channel).status(request).getVersion()).isEqualTo("test");
          });
    }
  }

  private static StarlingGrpc.StarlingBlockingStub withMetadata(ManagedChannel channel, int bytes) {
    var metadata = new Metadata();
    metadata.put(Metadata.Key.of("x", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(bytes));
    return stub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  @Test
  void whoeverTakesBackEndlesslyManyCallsIsCutOff() throws IOException {
    try (var api = GrpcApi.start(LOOPBACK, Optional.empty(), offer);
        var raw = new RawHttp2(api.port())) {
      for (int i = 0; i < 200; i++) {
        raw.callAndTakeBack();
      }
      assertThat(raw.isAnswered()).isTrue();
      raw.callAndTakeBack();
      assertThat(raw.errorAtTheEnd()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
    }
  }

  @Test
  void plainTextIsForLoopbackOnly() {
    var everywhere = new InetSocketAddress("0.0.0.0", 0);

    assertThatThrownBy(() -> GrpcApi.start(everywhere, Optional.empty(), offer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loopback only");
  }

  @Test
  void aPortInUseIsSaid() throws IOException {
    try (var api = GrpcApi.start(LOOPBACK, Optional.empty(), offer)) {
      var taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), api.port());
      assertThatThrownBy(() -> GrpcApi.start(taken, Optional.empty(), offer))
          .isInstanceOf(IOException.class);
    }
  }
}
