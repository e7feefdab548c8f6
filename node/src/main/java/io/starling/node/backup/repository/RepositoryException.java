package io.starling.node.backup.repository;

import java.io.IOException;
import java.io.Serial;

/// A repository that cannot be used as it was to be. The message is one line for an operator.
public final class RepositoryException extends IOException {

  @Serial private static final long serialVersionUID = 1;

  public RepositoryException(String message) {
    super(message);
  }

  public RepositoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
