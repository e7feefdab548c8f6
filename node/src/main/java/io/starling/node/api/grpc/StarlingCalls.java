package io.starling.node.api.grpc;

import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.starling.node.access.Role;
import io.starling.node.space.ListedSpace;
import io.starling.node.space.Spaces;
import io.starling.proto.v1.AcknowledgeRequest;
import io.starling.proto.v1.AcknowledgeResponse;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyResponse;
import io.starling.proto.v1.ApplyStreamRequest;
import io.starling.proto.v1.ApplyStreamResponse;
import io.starling.proto.v1.CreateSignInCodeRequest;
import io.starling.proto.v1.CreateSignInCodeResponse;
import io.starling.proto.v1.CreateSpaceRequest;
import io.starling.proto.v1.CreateSpaceResponse;
import io.starling.proto.v1.DropSpaceRequest;
import io.starling.proto.v1.DropSpaceResponse;
import io.starling.proto.v1.ListSpacesRequest;
import io.starling.proto.v1.ListSpacesResponse;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.ReadResponse;
import io.starling.proto.v1.ScanRequest;
import io.starling.proto.v1.ScanResponse;
import io.starling.proto.v1.SetSpaceRequest;
import io.starling.proto.v1.SetSpaceResponse;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.StatusRequest;
import io.starling.proto.v1.StatusResponse;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/// The calls of `starling.v1.Starling`. Each begins on a virtual thread of its own and may wait
/// there.
final class StarlingCalls extends StarlingGrpc.StarlingImplBase {

  private final GrpcApi.Offer offer;
  private final Spaces spaces;
  private final Executor executor;
  private final Readings readings;
  private final Durabilities durabilities;
  private final Applying applying;

  StarlingCalls(GrpcApi.Offer offer, Executor executor) {
    this.offer = offer;
    this.spaces = offer.spaces();
    this.executor = executor;
    this.readings = new Readings(spaces);
    this.durabilities = new Durabilities(offer.cluster());
    this.applying = new Applying(spaces, durabilities);
  }

  /// Computes the answer to a unary call.
  @FunctionalInterface
  private interface Answering<R> {
    R answer(Caller caller) throws StatusException;
  }

  private static <R> void answer(StreamObserver<R> out, Answering<R> answering) {
    R answer;
    try {
      answer = answering.answer(Caller.current());
    } catch (StatusException refused) {
      out.onError(refused);
      return;
    } catch (StorageFailure failure) {
      out.onError(Refusals.unreadable(failure));
      return;
    }
    out.onNext(answer);
    out.onCompleted();
  }

  @Override
  public void apply(ApplyRequest request, StreamObserver<ApplyResponse> out) {
    try {
      applying.apply(Caller.current(), request, serverSide(out));
    } catch (StatusException refused) {
      out.onError(refused);
    }
  }

  @Override
  public void acknowledge(AcknowledgeRequest request, StreamObserver<AcknowledgeResponse> out) {
    answer(out, caller -> acknowledge(caller, request));
  }

  private AcknowledgeResponse acknowledge(Caller caller, AcknowledgeRequest request)
      throws StatusException {
    var space = caller.readable(spaces, request.getSpace());
    var wanted = durabilities.level(request.getLevel());
    var token =
        ReadTokens.read(request.getToken())
            .orElseThrow(() -> Refusals.invalid("'token' says what is to be acknowledged"));
    var objection = space.objection(wanted.level());
    if (objection.isPresent()) {
      throw Refusals.unreachable(objection.get());
    }
    ReadTokens.await(space, request.getToken(), wanted.patience());
    var durability =
        space.acknowledge(token, wanted.level(), wanted.patience()).toCompletableFuture().join();
    return AcknowledgeResponse.newBuilder()
        .setDurability(durabilities.message(space, durability))
        .build();
  }

  private static Outcome.Committed outcome(CompletionStage<Outcome> stage) throws StatusException {
    return switch (stage.toCompletableFuture().join()) {
      case Outcome.Committed committed -> committed;
      case Outcome.Refused refused -> throw Refusals.of(refused);
    };
  }

  @Override
  public StreamObserver<ApplyStreamRequest> applyStream(StreamObserver<ApplyStreamResponse> out) {
    return new PipelinedApply(spaces, Caller.current(), serverSide(out), executor);
  }

  @Override
  public void read(ReadRequest request, StreamObserver<ReadResponse> out) {
    answer(out, caller -> readings.read(caller, request));
  }

  @Override
  public void scan(ScanRequest request, StreamObserver<ScanResponse> out) {
    answer(out, caller -> readings.scan(caller, request));
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> out) {
    try {
      WatchCall.start(Caller.current(), spaces, request, serverSide(out));
    } catch (StatusException refused) {
      out.onError(refused);
    }
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
    answer(
        out,
        caller -> StatusMessages.of(offer.status().status(), offer.version(), caller.principal()));
  }

  @Override
  public void createSpace(CreateSpaceRequest request, StreamObserver<CreateSpaceResponse> out) {
    answer(
        out,
        caller -> {
          var who = administrator(caller, "creating a space");
          var settings = SpaceMessages.change(request.getSettings(), List.of());
          outcome(spaces.create(who, request.getName(), settings));
          return CreateSpaceResponse.getDefaultInstance();
        });
  }

  @Override
  public void setSpace(SetSpaceRequest request, StreamObserver<SetSpaceResponse> out) {
    answer(
        out,
        caller -> {
          var who = administrator(caller, "changing a space");
          var change = SpaceMessages.change(request.getSettings(), request.getResetList());
          outcome(spaces.change(who, request.getName(), change));
          return SetSpaceResponse.getDefaultInstance();
        });
  }

  @Override
  public void dropSpace(DropSpaceRequest request, StreamObserver<DropSpaceResponse> out) {
    answer(
        out,
        caller -> {
          var who = administrator(caller, "dropping a space");
          var listed =
              spaces.listed().stream()
                  .filter(it -> it.name().equals(request.getName()))
                  .map(ListedSpace::id)
                  .findFirst();
          var meant = meant(request).or(() -> listed);
          outcome(spaces.drop(who, request.getName(), meant));
          return DropSpaceResponse.newBuilder()
              .setId(meant.map(SpaceId::toString).orElse(""))
              .build();
        });
  }

  private static Optional<SpaceId> meant(DropSpaceRequest request) throws StatusException {
    try {
      return SpaceMessages.id(request.getId());
    } catch (IllegalArgumentException malformed) {
      throw Refusals.invalid("'id' is no space's id: 32 hexadecimal digits, as ListSpaces shows");
    }
  }

  private static String administrator(Caller caller, String what) throws StatusException {
    if (!caller.principal().mayAdminister()) {
      throw Refusals.denied(Role.ADMIN.label(), what);
    }
    return caller.principal().name();
  }

  @Override
  public void listSpaces(ListSpacesRequest request, StreamObserver<ListSpacesResponse> out) {
    answer(
        out,
        caller -> {
          var answer = ListSpacesResponse.newBuilder();
          for (var space : spaces.listed()) {
            if (caller.principal().mayRead(space.name())) {
              answer.addSpaces(SpaceMessages.of(space));
            }
          }
          return answer.build();
        });
  }

  @Override
  public void createSignInCode(
      CreateSignInCodeRequest request, StreamObserver<CreateSignInCodeResponse> out) {
    answer(
        out,
        caller ->
            CreateSignInCodeResponse.newBuilder()
                .setCode(offer.codes().issue(caller.principal()))
                .build());
  }

  private static <R> ServerCallStreamObserver<R> serverSide(StreamObserver<R> out) {
    return (ServerCallStreamObserver<R>) out;
  }
}
