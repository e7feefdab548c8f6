package io.starling.node.witness;

import io.starling.replica.Effect;
import java.util.Optional;

/// What a node says of its store when it starts, in one sentence and what to do.
///
/// @param alarm its kind; empty if nothing needs attention
public record Finding(Optional<Effect.Kind> alarm, String message) {

  static Finding alarm(Effect.Kind kind, String message) {
    return new Finding(Optional.of(kind), message);
  }
}
