package io.starling.node.local;

import java.io.Serial;

/// Something on this machine is not as a local cluster needs it. The message says what to do.
public final class LocalException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  LocalException(String message) {
    super(message);
  }

  LocalException(String message, Throwable cause) {
    super(message, cause);
  }
}
