package io.starling.node.api.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.memory.MemorySpaces;
import io.starling.node.space.Watch;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.WatchEvent;
import io.starling.proto.v1.WatchEvent.EventCase;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WatchCallTest {

  private final MemorySpaces spaces = new MemorySpaces();
  private final Seen seen = new Seen();
  private GrpcApi api;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    var offer = Tokens.offer(spaces);
    api = GrpcApi.start(InProcessServerBuilder.forName("watch"), offer);
    channel = InProcessChannelBuilder.forName("watch").build();
    StarlingGrpc.newStub(channel)
        .withCallCredentials(new Tokens.Bearer(Tokens.READER))
        .watch(WatchRequest.newBuilder().setPrefix("a/").setForm(Form.FORM_JSON).build(), seen);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    api.close();
  }

  /// A client that takes an answer when the test says so.
  private static final class Seen implements ClientResponseObserver<WatchRequest, WatchResponse> {
    private final List<WatchResponse> parts = new ArrayList<>();
    private ClientCallStreamObserver<WatchRequest> call;
    private Optional<Status> end = Optional.empty();

    @Override
    public synchronized void beforeStart(ClientCallStreamObserver<WatchRequest> started) {
      call = started;
      call.disableAutoRequestWithInitial(1);
    }

    @Override
    public synchronized void onNext(WatchResponse part) {
      parts.add(part);
    }

    @Override
    public synchronized void onError(Throwable failed) {
      end = Optional.of(Status.fromThrowable(failed));
    }

    @Override
    public synchronized void onCompleted() {
      end = Optional.of(Status.OK);
    }

    synchronized int count() {
      return parts.size();
    }

    synchronized Optional<Status> end() {
      return end;
    }

    synchronized void take() {
      call.request(1);
    }

    synchronized void cancel() {
      call.cancel("enough", null);
    }
  }

  private WatchResponse next() {
    int before = seen.count();
    seen.take();
    Awaitility.await().until(() -> seen.count() > before);
    return seen.parts.get(before);
  }

  private void increment(String key) {
    write(new Mutation.Increment(Path.of(key), 1));
  }

  private void write(Mutation mutation) {
    spaces
        .space("main")
        .submit("", Optional.empty(), List.of(mutation))
        .toCompletableFuture()
        .join();
  }

  private void awaitStart() {
    Awaitility.await().until(() -> seen.count() == 1 && spaces.space("main").watchCount() == 1);
  }

  private static List<EventCase> cases(WatchResponse part) {
    return part.getEventsList().stream().map(WatchEvent::getEventCase).toList();
  }

  @Test
  void itBeginsWithTheStateAndTellsOfChangesUnderThePrefix() {
    awaitStart();
    assertThat(cases(seen.parts.getFirst()))
        .containsExactly(EventCase.SNAPSHOT_BEGIN, EventCase.SNAPSHOT_END, EventCase.UP_TO_DATE);

    increment("b/1");
    increment("a/1");
    var part = next();

    assertThat(cases(part)).containsExactly(EventCase.CHANGE, EventCase.UP_TO_DATE);
    assertThat(part.getEvents(0).getChange().getKey()).isEqualTo("a/1");
    assertThat(part.getEvents(0).getChange().getReading().getJson()).isEqualTo("1");
    assertThat(part.getEvents(1).getUpToDate().getToken())
        .isEqualTo(ReadTokens.write(spaces.space("main").status().token()));
  }

  @Test
  void aSlowClientGetsFewerLargerGroupsAndEndsWithWhatIsThere() {
    awaitStart();
    for (int i = 0; i < 200; i++) {
      increment("a/" + i % 5);
    }
    String lastSeen = "";
    int parts = 0;
    while (!lastSeen.equals("40")) {
      for (var event : next().getEventsList()) {
        boolean isLast = event.hasChange() && event.getChange().getKey().equals("a/4");
        lastSeen = isLast ? event.getChange().getReading().getJson() : lastSeen;
      }
      parts++;
    }
    assertThat(parts).isLessThan(50);
  }

  @Test
  void aRemovalIsToldApartFromNull() {
    awaitStart();
    write(new Mutation.Set(Path.of("a/1"), new Value.Null(), ReadRule.LATEST));
    var isNull = next().getEvents(0).getChange().getReading();
    write(new Mutation.Remove(Path.of("a/1")));
    var isGone = next().getEvents(0).getChange().getReading();

    assertThat(isNull.getJson()).isEqualTo("null");
    assertThat(isNull.getAbsent()).isFalse();
    assertThat(isGone.getJson()).isEqualTo("null");
    assertThat(isGone.getAbsent()).isTrue();
  }

  @Test
  void resumeAndChangesOnlyExcludeEachOther() {
    var both =
        WatchRequest.newBuilder()
            .setResume(ReadTokens.write(spaces.space("main").status().token()))
            .setChangesOnly(true)
            .build();
    var refused = new Seen();
    StarlingGrpc.newStub(channel)
        .withCallCredentials(new Tokens.Bearer(Tokens.READER))
        .watch(both, refused);
    Awaitility.await().until(() -> refused.end().isPresent());
    assertThat(refused.end().orElseThrow().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void aWatchEndsWithItsCall() {
    awaitStart();
    seen.cancel();
    Awaitility.await().until(() -> spaces.space("main").watchCount() == 0);
  }

  @ParameterizedTest
  @CsvSource({
    "SLOW, ABORTED, resume with the last token",
    "TOO_MANY, RESOURCE_EXHAUSTED, watch on another",
    "FOREIGN_TOKEN, FAILED_PRECONDITION, another space",
    "STOPPING, UNAVAILABLE, resume on another"
  })
  void itsEndSaysHowToGoOn(Watch.End end, Status.Code code, String advice) {
    awaitStart();
    spaces.space("main").end(end);
    seen.take();
    Awaitility.await().until(() -> seen.end().isPresent());

    assertThat(seen.end().orElseThrow().getCode()).isEqualTo(code);
    assertThat(seen.end().orElseThrow().getDescription()).contains(advice);
  }
}
