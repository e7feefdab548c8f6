package io.starling.node.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.SignInCodes;
import io.starling.node.api.grpc.GrpcApi;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.memory.MemorySpaces;
import io.starling.proto.v1.Transaction;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class TransactionStreamTest {

  private static final Path SET = Path.of("set");

  private final MemorySpaces spaces = new MemorySpaces();

  private GrpcApi listen(int port) throws IOException {
    var offer =
        new GrpcApi.Offer(
            new ClusterId(1, 1),
            spaces,
            text -> Optional.of(new Principal(text, Role.WRITER)),
            new SignInCodes(InstantSource.system()),
            spaces,
            "test");
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return GrpcApi.start(address, Optional.empty(), offer);
  }

  private static NodeClient client(int port) throws IOException {
    return NodeClient.open(new Endpoint("127.0.0.1", port, Optional.empty(), "me"));
  }

  private static Transaction add(long element) {
    var mutation = new Mutation.AddElement(SET, new Value.Int(element));
    return Transaction.newBuilder().addMutations(WireMutations.write(mutation)).build();
  }

  private long cardinality() {
    try (var snapshot = spaces.space("main").read()) {
      return snapshot.reader().cardinality(SET.key());
    }
  }

  @Test
  void whatWasUnansweredWhenTheNodeStoppedIsSentAgain()
      throws IOException, ClientException, InterruptedException {
    var first = listen(0);
    int port = first.port();
    spaces.space("main").hold();
    try (var client = client(port);
        var stream = new TransactionStream(client, "main", Duration.ofSeconds(30), (_, _) -> {})) {
      for (long id = 1; id <= 640; id++) {
        stream.submit(id, add(id));
      }
      // The node stops with all of them written and none answered.
      Awaitility.await().until(() -> spaces.space("main").outstandingMax() >= 640);
      first.close();
      var again = Thread.ofVirtual().unstarted(() -> reopen(port));
      again.start();
      stream.finish();

      assertThat(stream.answered()).isEqualTo(640);
      assertThat(cardinality()).isEqualTo(640);
      again.join();
    } finally {
      opened.forEach(GrpcApi::close);
    }
  }

  private final List<GrpcApi> opened = new ArrayList<>();

  private void reopen(int port) {
    spaces.space("main").release();
    try {
      opened.add(listen(port));
    } catch (IOException failed) {
      throw new AssertionError("the port is taken", failed);
    }
  }

  @Test
  void aNodeThatStaysAwayIsGivenUp() throws IOException, ClientException {
    var api = listen(0);
    try (var client = client(api.port());
        var stream = new TransactionStream(client, "main", Duration.ofMillis(200), (_, _) -> {})) {
      stream.submit(1, add(1));
      api.close();
      stream.submit(2, add(2));

      assertThatThrownBy(stream::finish)
          .isInstanceOfSatisfying(
              ClientException.class, away -> assertThat(away.isUnreachable()).isTrue());
    }
  }

  @Test
  void refusalsAreToldOnTheSubmittersThread() throws IOException, ClientException {
    var refused = new ArrayList<Long>();
    var threads = new ArrayList<Thread>();
    try (var api = listen(0);
        var client = client(api.port());
        var stream =
            new TransactionStream(
                client,
                "main",
                Duration.ofSeconds(5),
                (id, _) -> {
                  refused.add(id);
                  threads.add(Thread.currentThread());
                })) {
      stream.submit(1, add(1));
      stream.submit(2, Transaction.getDefaultInstance());
      stream.submit(3, add(3));
      stream.finish();
    }
    assertThat(refused).containsExactly(2L);
    assertThat(threads).containsOnly(Thread.currentThread());
    assertThat(cardinality()).isEqualTo(2);
  }

  @Test
  void aSpaceThatIsNotThereEndsIt() throws IOException {
    try (var api = listen(0);
        var client = client(api.port());
        var stream =
            new TransactionStream(client, "nowhere", Duration.ofSeconds(5), (_, _) -> {})) {
      assertThatThrownBy(
              () -> {
                stream.submit(1, add(1));
                stream.finish();
              })
          .isInstanceOf(ClientException.class)
          .hasMessageContaining("nowhere");
    }
  }
}
