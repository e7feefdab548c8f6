package io.starling.node.api.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.api.wire.WireValues;
import io.starling.node.api.wire.WireViews;
import io.starling.node.memory.MemorySpaces;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyResponse;
import io.starling.proto.v1.CreateSpaceRequest;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.ListSpacesRequest;
import io.starling.proto.v1.MergeDocument;
import io.starling.proto.v1.Query;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.ScanRequest;
import io.starling.proto.v1.SpaceEntry;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.StatusRequest;
import io.starling.proto.v1.Transaction;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GrpcApiTest {

  private static final Path PLACE = Path.of("places/AD-1");

  private final MemorySpaces spaces = new MemorySpaces();
  private GrpcApi api;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    var offer = Tokens.offer(spaces);
    api = GrpcApi.start(InProcessServerBuilder.forName("calls"), offer);
    channel = InProcessChannelBuilder.forName("calls").build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    api.close();
  }

  private StarlingGrpc.StarlingBlockingStub as(String token) {
    return StarlingGrpc.newBlockingStub(channel).withCallCredentials(new Tokens.Bearer(token));
  }

  private ApplyResponse apply(Mutation... mutations) {
    return as(Tokens.WRITER).apply(request("", mutations));
  }

  private static ApplyRequest request(String space, Mutation... mutations) {
    var transaction = Transaction.newBuilder();
    List.of(mutations).forEach(mutation -> transaction.addMutations(WireMutations.write(mutation)));
    return ApplyRequest.newBuilder().setSpace(space).setTransaction(transaction).build();
  }

  private static Mutation.Set set(Path path, String text) {
    return new Mutation.Set(path, new Value.Text(text), ReadRule.LATEST);
  }

  private View read(Path path) throws MalformedException {
    var request = ReadRequest.newBuilder().addQueries(query(path)).build();
    return WireViews.read(path, as(Tokens.READER).read(request).getReadings(0).getView());
  }

  private String json(Path path) {
    var request = ReadRequest.newBuilder().addQueries(query(path)).setForm(Form.FORM_JSON).build();
    return as(Tokens.READER).read(request).getReadings(0).getJson();
  }

  private static Query query(Path path) {
    return Query.newBuilder().setPath(WireValues.write(path)).build();
  }

  private static void assertRefused(
      Status.Code code, String reason, String advice, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(code);
              assertThat(refused.getStatus().getDescription()).contains(advice);
              assertThat(reason(refused)).isEqualTo(reason);
            });
  }

  private static String reason(StatusRuntimeException refused) {
    try {
      return StatusProto.fromThrowable(refused)
          .getDetails(0)
          .unpack(com.google.rpc.ErrorInfo.class)
          .getReason();
    } catch (com.google.protobuf.InvalidProtocolBufferException notThere) {
      throw new AssertionError("no ErrorInfo", notThere);
    }
  }

  @Test
  void whatIsAppliedIsRead() throws MalformedException {
    var document = "{\"name\":\"Vila\",\"lat\":42.5,\"tags\":[1,{\"a\":null}]}";
    var merge = MergeDocument.newBuilder().setJson(document);
    var mutation =
        io.starling.proto.v1.Mutation.newBuilder().setPath(WireValues.write(PLACE)).setMerge(merge);
    var applied =
        as(Tokens.WRITER)
            .apply(
                ApplyRequest.newBuilder()
                    .setTransaction(Transaction.newBuilder().addMutations(mutation))
                    .build());

    assertThat(applied.getOperations()).isEqualTo(3);
    assertThat(json(PLACE)).isEqualTo("{\"lat\":42.5,\"name\":\"Vila\",\"tags\":[1,{\"a\":null}]}");
    assertThat(read(PLACE.field("name")))
        .isInstanceOfSatisfying(
            View.Register.class,
            register ->
                assertThat(register.latest().getValue().value()).isEqualTo(new Value.Text("Vila")));
    assertThat(json(Path.of("nothing"))).isEqualTo("null");
  }

  @Test
  void everyKindOfMutationIsApplied() {
    var root = Path.of("all");
    apply(
        set(root.field("r"), "x"),
        new Mutation.Increment(root.field("c"), 5),
        new Mutation.Increment(root.field("c"), -2),
        new Mutation.SetFlag(root.field("f"), true),
        new Mutation.AddElement(root.field("s"), new Value.Int(1)),
        new Mutation.AddElement(root.field("s"), new Value.Int(2)),
        new Mutation.RemoveElement(root.field("s"), new Value.Int(1)));
    assertThat(json(root)).isEqualTo("{\"c\":3,\"f\":true,\"r\":\"x\",\"s\":[2]}");

    apply(
        new Mutation.Remove(root.field("r")),
        new Mutation.Reset(root.field("c"), Optional.empty()));
    assertThat(json(root)).doesNotContain("\"r\"").doesNotContain("3");
  }

  @Test
  void aResetNamesWhatAnEarlierReadShowed() throws MalformedException {
    var path = Path.of("visits");
    apply(new Mutation.Increment(path, 5));
    var seen = ((View.Counter) read(path)).shares();
    apply(new Mutation.Increment(path, 2));

    apply(new Mutation.Reset(path, Optional.of(seen)));

    assertThat(json(path)).isEqualTo("2");
  }

  @Test
  void aReadAtTheTokenOfAWriteSeesIt() {
    var token = apply(set(PLACE, "x")).getToken();
    var request =
        ReadRequest.newBuilder().setToken(token).addQueries(query(PLACE)).setForm(Form.FORM_JSON);

    assertThat(as(Tokens.READER).read(request.build()).getReadings(0).getJson()).isEqualTo("\"x\"");
  }

  @Test
  void elementsComeInPages() {
    var path = Path.of("set");
    for (int i = 0; i < 5; i++) {
      apply(new Mutation.AddElement(path, new Value.Int(i)));
    }
    var query =
        query(path).toBuilder()
            .setElementsMax(2)
            .setElementsAfter(WireValues.write(new Value.Int(1)));
    var answer = as(Tokens.READER).read(ReadRequest.newBuilder().addQueries(query).build());
    var elements = answer.getReadings(0).getView().getLeaves(0).getElements();

    assertThat(elements.getElementsList())
        .containsExactly(WireValues.write(new Value.Int(2)), WireValues.write(new Value.Int(3)));
    assertThat(elements.getMore()).isTrue();
  }

  @Test
  void aScanPagesThroughKeys() {
    for (var key : List.of("a/1", "a/2", "a/3", "b/1")) {
      apply(set(Path.of(key), key));
    }
    var first = ScanRequest.newBuilder().setPrefix("a/").setLimit(2).setValues(true).build();
    var page = as(Tokens.READER).scan(first);
    assertThat(page.getEntriesList()).extracting("key").containsExactly("a/1", "a/2");
    assertThat(page.getMore()).isTrue();
    assertThat(page.getEntries(0).getReading().getView().getLeavesCount()).isEqualTo(1);

    var rest = as(Tokens.READER).scan(first.toBuilder().setAfter("a/2").build());
    assertThat(rest.getEntriesList()).extracting("key").containsExactly("a/3");
    assertThat(rest.getMore()).isFalse();
  }

  @Test
  void spacesAreCreatedAndListed() {
    as(Tokens.ADMIN).createSpace(CreateSpaceRequest.newBuilder().setName("shop").build());

    assertThat(names(Tokens.READER)).containsExactly("main", "shop");
    assertThat(names(Tokens.ADMIN)).containsExactly("_system", "main", "shop");
    as(Tokens.WRITER).apply(request("shop", set(PLACE, "x")));
    assertThat(json(PLACE)).isEqualTo("null");
  }

  private List<String> names(String token) {
    return as(token).listSpaces(ListSpacesRequest.getDefaultInstance()).getSpacesList().stream()
        .map(SpaceEntry::getName)
        .toList();
  }

  @Test
  void statusShowsWhatTheCallerMaySee() {
    apply(set(PLACE, "x"));
    var status = as(Tokens.READER).status(StatusRequest.getDefaultInstance());

    assertThat(status.getName()).isEqualTo("memory");
    assertThat(status.getSpacesList()).extracting("name").containsExactly("main");
    assertThat(status.getSpaces(0).getVersionVectorMap().values()).containsExactly(1L);
    assertThat(status.getSpaces(0).getDigest()).matches("[0-9a-f]{32,}");
  }

  @Test
  void withoutAKnownBearerTokenNothingIsAnswered() {
    var status = StatusRequest.getDefaultInstance();
    assertRefused(
        Status.Code.UNAUTHENTICATED,
        "NO_BEARER_TOKEN",
        "authorization: Bearer",
        () -> StarlingGrpc.newBlockingStub(channel).status(status));
    assertRefused(
        Status.Code.UNAUTHENTICATED,
        "UNKNOWN_BEARER_TOKEN",
        "ask an admin",
        () -> as("wrong").status(status));
  }

  @Test
  void aRoleThatDoesNotSufficeIsNamed() {
    assertRefused(
        Status.Code.PERMISSION_DENIED,
        "ROLE",
        "'writer'",
        () -> as(Tokens.READER).apply(request("", set(PLACE, "x"))));
    assertRefused(
        Status.Code.PERMISSION_DENIED,
        "ROLE",
        "'admin'",
        () -> as(Tokens.WRITER).createSpace(CreateSpaceRequest.getDefaultInstance()));
    assertRefused(
        Status.Code.PERMISSION_DENIED,
        "ROLE",
        "'admin'",
        () -> as(Tokens.WRITER).apply(request(SpaceId.SYSTEM, set(PLACE, "x"))));
  }

  @Test
  void anUnknownSpaceIsNotFound() {
    assertRefused(
        Status.Code.NOT_FOUND,
        "UNKNOWN_SPACE",
        "'nowhere'",
        () -> as(Tokens.WRITER).apply(request("nowhere", set(PLACE, "x"))));
    assertRefused(
        Status.Code.NOT_FOUND,
        "UNKNOWN_SPACE",
        "ListSpaces",
        () -> as(Tokens.READER).scan(ScanRequest.newBuilder().setSpace("nowhere").build()));
  }

  @Test
  void aMutationOfAnotherTypeThanTheKeysIsRefused() {
    apply(set(PLACE, "x"));
    assertRefused(
        Status.Code.FAILED_PRECONDITION,
        "FAILED_PRECONDITION",
        "register",
        () -> apply(new Mutation.Increment(PLACE, 1)));
    assertThat(json(PLACE)).isEqualTo("\"x\"");
  }

  @Test
  void whatIsTooLargeIsRefusedAndChangesNothing() {
    var before = spaces.space("main").status().token();
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        "1024",
        () -> as(Tokens.WRITER).apply(oversizeKey()));
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "at most 524288",
        () -> apply(set(PLACE, "x".repeat(600_000))));
    assertRefused(
        Status.Code.RESOURCE_EXHAUSTED,
        "TOO_LARGE",
        "split it",
        () ->
            apply(
                set(PLACE.field("a"), "x".repeat(400_000)),
                set(PLACE.field("b"), "x".repeat(400_000))));
    var many = new Mutation[10_001];
    java.util.Arrays.fill(many, new Mutation.Increment(PLACE, 1));
    assertRefused(Status.Code.RESOURCE_EXHAUSTED, "TOO_LARGE", "split it", () -> apply(many));
    assertThat(spaces.space("main").status().token()).isEqualTo(before);
  }

  private static ApplyRequest oversizeKey() {
    var path = io.starling.proto.v1.Path.newBuilder().setKey("k".repeat(1_025));
    var mutation = WireMutations.write(new Mutation.Increment(PLACE, 1)).toBuilder().setPath(path);
    return ApplyRequest.newBuilder()
        .setTransaction(Transaction.newBuilder().addMutations(mutation))
        .build();
  }

  @Test
  void malformedRequestsSayWhatIsWrong() {
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        "at least one",
        () -> as(Tokens.WRITER).apply(ApplyRequest.getDefaultInstance()));
    var mutation =
        io.starling.proto.v1.Mutation.newBuilder()
            .setPath(WireValues.write(PLACE))
            .setMerge(MergeDocument.newBuilder().setJson("{\"a\":"));
    var transaction = Transaction.newBuilder().addMutations(mutation);
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED",
        "malformed JSON at line 1",
        () ->
            as(Tokens.WRITER).apply(ApplyRequest.newBuilder().setTransaction(transaction).build()));
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "1 to 1000",
        () -> as(Tokens.READER).read(ReadRequest.getDefaultInstance()));
  }

  @Test
  void readTokensThatDoNotFitAreToldApart() {
    assertRefused(
        Status.Code.INVALID_ARGUMENT,
        "MALFORMED_TOKEN",
        "as it was given",
        () -> readAt(ByteString.copyFromUtf8("rubbish")));
    var foreign = new Token(new SpaceId(9, 9), List.of());
    assertRefused(
        Status.Code.FAILED_PRECONDITION,
        "FOREIGN_TOKEN",
        "another space",
        () -> readAt(ReadTokens.write(foreign)));
    var here = spaces.space("main").id();
    var replica = spaces.space("main").status().self();
    var ahead = new Token(here, List.of(new Token.Prefix(replica, 1_000, 5)));
    assertRefused(
        Status.Code.UNAVAILABLE, "NOT_YET", "another node", () -> readAt(ReadTokens.write(ahead)));
  }

  private void readAt(ByteString token) {
    var request =
        ReadRequest.newBuilder()
            .setToken(token)
            .setWait(Duration.newBuilder().setNanos(1))
            .addQueries(query(PLACE));
    as(Tokens.READER).read(request.build());
  }

  @Test
  void anAnswerThatWouldBeTooLargeIsReplaced() {
    for (int i = 0; i < 5; i++) {
      apply(set(Path.of("big/" + i), "x".repeat(400_000)));
      apply(set(Path.of("huge").field("f" + i), "x".repeat(400_000)));
    }
    var huge = ReadRequest.newBuilder().addQueries(query(Path.of("huge"))).build();
    assertThat(as(Tokens.READER).read(huge).getReadings(0).hasTooLarge()).isTrue();

    var scan = ScanRequest.newBuilder().setPrefix("big/").setValues(true);
    for (int i = 0; i < 5; i++) {
      apply(set(Path.of("big/more" + i), "x".repeat(400_000)));
    }
    var page = as(Tokens.READER).scan(scan.build());
    assertThat(page.getEntriesCount()).isBetween(5, 8);
    assertThat(page.getMore()).isTrue();
  }
}
