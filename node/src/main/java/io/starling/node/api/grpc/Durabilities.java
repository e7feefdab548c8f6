package io.starling.node.api.grpc;

import io.grpc.StatusException;
import io.starling.node.json.JsonText;
import io.starling.node.receipt.Receipt;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.node.space.Space;
import io.starling.proto.v1.DurabilityLevel;
import io.starling.replica.batch.ClusterId;
import java.time.Duration;
import java.util.Optional;

/// Levels of acknowledgement in requests, and what came of them in answers.
final class Durabilities {

  private final ClusterId cluster;

  Durabilities(ClusterId cluster) {
    this.cluster = cluster;
  }

  /// A level and how long to wait for it.
  record Wanted(Level level, Duration patience) {}

  Wanted level(DurabilityLevel asked) throws StatusException {
    var wait = ReadTokens.wait(asked.hasWait() ? Optional.of(asked.getWait()) : Optional.empty());
    try {
      var level =
          switch (asked.getLevelCase()) {
            case MEMBERS -> new Level.Members(asked.getMembers());
            case ALL -> asked.getAll() ? new Level.All() : new Level.Local();
            case SITES -> asked.getSites() ? new Level.Sites() : new Level.Local();
            case LEVEL_NOT_SET -> new Level.Local();
          };
      return new Wanted(level, wait);
    } catch (IllegalArgumentException refused) {
      throw Refusals.invalid(String.valueOf(refused.getMessage()));
    }
  }

  io.starling.proto.v1.Durability message(Space space, Durability durability) {
    var receipt = Receipt.of(cluster, space.name(), space.generation(), durability).toJson();
    return io.starling.proto.v1.Durability.newBuilder()
        .setReached(durability.isReached())
        .setSummary(durability.summary())
        .addAllAcknowledged(
            durability.statements().stream().map(Durability.Statement::name).toList())
        .addAllMissing(durability.missing())
        .setReceipt(JsonText.write(receipt))
        .build();
  }
}
