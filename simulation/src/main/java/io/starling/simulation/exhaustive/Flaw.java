package io.starling.simulation.exhaustive;

import java.io.Serial;

/// A law does not hold. The search ends with it.
final class Flaw extends RuntimeException {

  @Serial private static final long serialVersionUID = 1;

  Flaw(String message) {
    super(message);
  }

  /// The same flaw, with what leads to it first.
  Flaw after(String what) {
    return new Flaw(what + ": " + getMessage(), this);
  }

  Flaw(String message, Throwable cause) {
    super(message, cause);
  }
}
