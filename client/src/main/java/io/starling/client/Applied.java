package io.starling.client;

import io.starling.proto.v1.ApplyResponse;
import java.util.Optional;

/// A transaction that is durable on the node that took it.
///
/// @param token covers it
/// @param operations how many it became; 0 if everything was so already
/// @param isRepeat whether the node had made it before, under the same key
/// @param durability if a level was asked for
public record Applied(
    ReadToken token, int operations, boolean isRepeat, Optional<Durability> durability) {

  static Applied of(ApplyResponse message) {
    return new Applied(
        new ReadToken(message.getToken()),
        message.getOperations(),
        message.getRepeat(),
        message.hasDurability()
            ? Optional.of(Durability.of(message.getDurability()))
            : Optional.empty());
  }
}
