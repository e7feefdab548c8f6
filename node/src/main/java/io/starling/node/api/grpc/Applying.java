package io.starling.node.api.grpc;

import io.grpc.StatusException;
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

/// Transactions of unary calls and of streams: what they ask for, and the unary answer.
///
/// No thread waits for the outcome: it is answered on whatever thread completes it.
final class Applying {

  private final Spaces spaces;
  private final Durabilities durabilities;

  Applying(Spaces spaces, Durabilities durabilities) {
    this.spaces = spaces;
    this.durabilities = durabilities;
  }

  /// Begins a unary call's transaction.
  void apply(Caller caller, ApplyRequest asked, StreamObserver<ApplyResponse> out)
      throws StatusException {
    var space = caller.writable(spaces, asked.getSpace());
    var level = durabilities.level(asked.getLevel());
    var objection = space.objection(level.level());
    if (objection.isPresent()) {
      throw Refusals.unreachable(objection.get());
    }
    space
        .submit(request(caller, asked.getTransaction()))
        .thenAccept(outcome -> answer(space, outcome, asked, level, out));
  }

  private void answer(
      Space space,
      Outcome outcome,
      ApplyRequest asked,
      Durabilities.Wanted level,
      StreamObserver<ApplyResponse> out) {
    switch (outcome) {
      case Outcome.Refused refused -> out.onError(Refusals.of(refused));
      case Outcome.Committed(var token, int operations, boolean isRepeat) -> {
        var answer =
            ApplyResponse.newBuilder()
                .setToken(ReadTokens.write(token))
                .setOperations(operations)
                .setRepeat(isRepeat);
        if (!asked.hasLevel()) {
          end(answer, out);
          return;
        }
        space
            .acknowledge(token, level.level(), level.patience())
            .thenAccept(durability ->
                end(answer.setDurability(durabilities.message(space, durability)), out));
      }
    }
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
