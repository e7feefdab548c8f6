package io.starling.replica.port;

import java.io.Serial;

/// The store could not read or write. What was being changed is not visible; whether it will be
/// after a restart is not known.
public final class StorageFailure extends RuntimeException {

  @Serial private static final long serialVersionUID = 1;

  public StorageFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
