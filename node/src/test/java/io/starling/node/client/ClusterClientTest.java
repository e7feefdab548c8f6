package io.starling.node.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.SignInCodes;
import io.starling.node.api.grpc.GrpcApi;
import io.starling.node.memory.MemorySpaces;
import io.starling.node.space.Watch;
import io.starling.proto.v1.WatchRequest;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A watch on two nodes of which both show the same space.
final class ClusterClientTest {

  private static final WatchRequest CHANGES =
      WatchRequest.newBuilder().setChangesOnly(true).build();

  private final MemorySpaces spaces = new MemorySpaces();
  private final List<String> seen = new ArrayList<>();
  private final List<String> asked = new ArrayList<>();
  private boolean hasEnded;
  private GrpcApi one;
  private GrpcApi two;

  @BeforeEach
  void listen() throws IOException {
    one = listen("one");
    two = listen("two");
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
  }

  private GrpcApi listen(String name) throws IOException {
    var offer =
        new GrpcApi.Offer(
            new ClusterId(1, 1),
            spaces,
            text -> {
              asked.add(name);
              return Optional.of(new Principal(text, Role.WRITER));
            },
            new SignInCodes(InstantSource.system()),
            spaces,
            "test");
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return GrpcApi.start(address, Optional.empty(), offer);
  }

  private static Endpoint endpoint(GrpcApi api) {
    return new Endpoint("127.0.0.1", api.port(), Optional.empty(), "me");
  }

  private void write(String key) {
    var set = new Mutation.Set(Path.of(key), new Value.Int(1), ReadRule.LATEST);
    try {
      spaces
          .space("main")
          .submit("someone", Optional.empty(), List.of(set))
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  /// Has the node end the watch after its first change; ends it for good after its second.
  private void watch(ClusterClient client, Watch.End end) throws ClientException, IOException {
    client.watch(
        CHANGES,
        part -> {
          part.getEventsList().stream()
              .filter(event -> event.hasChange())
              .forEach(event -> seen.add(event.getChange().getKey()));
          if (seen.isEmpty()) {
            write("a");
          } else if (seen.size() == 1) {
            if (!hasEnded) {
              hasEnded = true;
              spaces.space("main").end(end);
            }
            write("b");
          }
          return seen.size() < 2;
        });
  }

  @Test
  void aWatchThatWasTooSlowGoesOnAtItsLastToken() throws Exception {
    try (var client = ClusterClient.open(List.of(endpoint(one)))) {
      watch(client, Watch.End.SLOW);
    }
    assertThat(seen).containsExactly("a", "b");
  }

  @Test
  void whereThereAreTooManyWatchesAnotherNodeGoesOn() throws Exception {
    try (var client = ClusterClient.open(List.of(endpoint(one), endpoint(two)))) {
      watch(client, Watch.End.TOO_MANY);
    }
    assertThat(seen).containsExactly("a", "b");
    assertThat(asked).contains("one", "two");
  }

  @Test
  void withNoOtherNodeTooManyWatchesAreSaid() throws Exception {
    try (var client = ClusterClient.open(List.of(endpoint(one)))) {
      assertThatThrownBy(() -> watch(client, Watch.End.TOO_MANY))
          .isInstanceOfSatisfying(
              ClientException.class,
              failed -> assertThat(failed.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
          .hasMessageContaining("too many watches");
    }
  }
}
