package io.starling.node.api.grpc;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyResponse;
import io.starling.proto.v1.Transaction;
import io.starling.replica.batch.RequestKey;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.RequestKeys;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Transactions of unary calls and of streams: what they ask for, and the unary answer.
///
/// No thread waits for the outcome: it is answered on whatever thread completes it.
final class Applying {

  private static final Logger LOG = LoggerFactory.getLogger(Applying.class);
  private static final CompletionStage<@Nullable Void> DONE =
      CompletableFuture.completedStage(null);

  private final Spaces spaces;
  private final Durabilities durabilities;

  Applying(Spaces spaces, Durabilities durabilities) {
    this.spaces = spaces;
    this.durabilities = durabilities;
  }

  /// Begins a unary call's transaction.
  void apply(Caller caller, ApplyRequest asked, ServerCallStreamObserver<ApplyResponse> out)
      throws StatusException {
    var space = caller.writable(spaces, asked.getSpace());
    var level = durabilities.level(asked.getLevel());
    var objection = space.objection(level.level());
    if (objection.isPresent()) {
      throw Refusals.unreachable(objection.get());
    }
    var request = request(caller, asked.getTransaction());
    // Who hangs up is not answered; what was submitted goes on.
    out.setOnCancelHandler(() -> {});
    space
        .submit(request)
        .thenCompose(outcome -> answer(space, outcome, asked, level, out))
        .exceptionally(bug -> failed(bug, out));
  }

  private CompletionStage<@Nullable Void> answer(
      Space space,
      Outcome outcome,
      ApplyRequest asked,
      Durabilities.Wanted level,
      StreamObserver<ApplyResponse> out) {
    switch (outcome) {
      case Outcome.Refused refused -> {
        out.onError(Refusals.of(refused));
        return DONE;
      }
      case Outcome.Committed(var token, int operations, boolean isRepeat) -> {
        var answer =
            ApplyResponse.newBuilder()
                .setToken(ReadTokens.write(token))
                .setOperations(operations)
                .setRepeat(isRepeat);
        if (!asked.hasLevel()) {
          end(answer, out);
          return DONE;
        }
        return space
            .acknowledge(token, level.level(), level.patience())
            .thenAccept(durability ->
                end(answer.setDurability(durabilities.message(space, durability)), out));
      }
    }
  }

  private static @Nullable Void failed(Throwable bug, StreamObserver<ApplyResponse> out) {
    LOG.error("an answer met a bug", bug);
    out.onError(
        Status.INTERNAL
            .withDescription("the node met a bug; read before trying again")
            .asException());
    return null;
  }

  private static void end(ApplyResponse.Builder answer, StreamObserver<ApplyResponse> out) {
    out.onNext(answer.build());
    out.onCompleted();
  }

  /// What a transaction asks for.
  ///
  /// @throws StatusException if it is wrong whatever the state
  static Request request(Caller caller, Transaction transaction) throws StatusException {
    try {
      var mutations = WireMutations.read(transaction);
      return new Request(
          caller.principal().name(),
          key(transaction.getIdempotencyKey(), mutations),
          ReadTokens.read(transaction.getContext()),
          ReadTokens.read(transaction.getUnchangedSince()),
          mutations);
    } catch (MalformedException refused) {
      throw Refusals.malformed(refused);
    }
  }

  private static Optional<RequestKey> key(String name, List<Mutation> mutations)
      throws StatusException {
    try {
      return name.isEmpty() ? Optional.empty() : Optional.of(RequestKeys.of(name, mutations));
    } catch (IllegalArgumentException refused) {
      throw Refusals.invalid(String.valueOf(refused.getMessage()));
    }
  }
}
