package io.starling.node;

import java.io.Serial;

/// A node could not start. Nothing of it runs; the message is one line for an operator.
public final class StartException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
