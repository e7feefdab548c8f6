package io.starling.node.api.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import io.starling.node.access.SignInCodes;
import io.starling.node.discovery.DiscoveryStatus;
import io.starling.node.hosting.TestNode;
import io.starling.node.memory.MemorySpaces;
import io.starling.node.status.NodeStatus;
import io.starling.node.storage.MemoryStore;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What `grpc.health.v1` says of a node whose store fails, and comes back.
final class HealthTest {

  private static final List<String> NAMES = List.of("", StarlingGrpc.SERVICE_NAME);

  private final MemoryStore store = new MemoryStore();
  private final TestNode node = new TestNode(store);
  private volatile NodeStatus.State state = NodeStatus.State.READY;
  private GrpcApi api;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    var offer =
        new GrpcApi.Offer(
            TestNode.CLUSTER,
            node.spaces(),
            Tokens.ACCESS,
            new SignInCodes(InstantSource.system()),
            this::status,
            "test");
    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    api = GrpcApi.start(loopback, Optional.empty(), offer);
    channel =
        Grpc.newChannelBuilderForAddress(
                "localhost", api.port(), InsecureChannelCredentials.create())
            .build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    api.close();
    store.setFull(false);
    node.close();
  }

  private NodeStatus status() {
    var self = new MemorySpaces().status().node();
    var now =
        new NodeStatus.Self(
            self.name(),
            self.id(),
            self.site(),
            self.pid(),
            self.version(),
            state,
            self.started(),
            self.addresses());
    return new NodeStatus(
        now,
        node.spaces().entries(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        DiscoveryStatus.OFF);
  }

  private ServingStatus check(String name) {
    var request = HealthCheckRequest.newBuilder().setService(name).build();
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .check(request)
        .getStatus();
  }

  @Test
  void aNodeWhoseStoreFailsIsNotServingUntilItTakesWritesAgain() {
    NAMES.forEach(name -> assertThat(check(name)).isEqualTo(ServingStatus.SERVING));
    store.setFull(true);
    assertThat(TestNode.write(node.main(), TestNode.set("a", "1")))
        .isInstanceOf(Outcome.Refused.class);
    NAMES.forEach(name -> assertThat(check(name)).isEqualTo(ServingStatus.NOT_SERVING));
    store.setFull(false);
    NAMES.forEach(name ->
        await().untilAsserted(() -> assertThat(check(name)).isEqualTo(ServingStatus.SERVING)));
  }

  @Test
  void whoWatchesHearsOfTheFailureAndOfTheRecovery() {
    var heard = new CopyOnWriteArrayList<ServingStatus>();
    HealthGrpc.newStub(channel)
        .watch(HealthCheckRequest.getDefaultInstance(), new Listening(heard));
    await().untilAsserted(() -> assertThat(heard).containsExactly(ServingStatus.SERVING));
    store.setFull(true);
    TestNode.write(node.main(), TestNode.set("a", "1"));
    await()
        .untilAsserted(() ->
            assertThat(heard).containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING));
    store.setFull(false);
    await()
        .untilAsserted(() ->
            assertThat(heard)
                .containsExactly(
                    ServingStatus.SERVING, ServingStatus.NOT_SERVING, ServingStatus.SERVING));
  }

  @Test
  void aNodeThatIsNotReadyIsNotServing() {
    state = NodeStatus.State.STARTING;
    NAMES.forEach(name -> assertThat(check(name)).isEqualTo(ServingStatus.NOT_SERVING));
    state = NodeStatus.State.READY;
    NAMES.forEach(name -> assertThat(check(name)).isEqualTo(ServingStatus.SERVING));
  }

  private record Listening(List<ServingStatus> heard)
      implements StreamObserver<HealthCheckResponse> {
    @Override
    public void onNext(HealthCheckResponse next) {
      heard.add(next.getStatus());
    }

    @Override
    public void onError(Throwable ended) {}

    @Override
    public void onCompleted() {}
  }
}
