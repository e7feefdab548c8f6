package io.starling.replica.read;

import java.io.Serial;

/// A value has more cells than one read may touch. Nothing was changed; read it by its parts.
public final class TooLargeException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1;

  public TooLargeException(String message) {
    super(message);
  }
}
