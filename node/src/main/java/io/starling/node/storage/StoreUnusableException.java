package io.starling.node.storage;

import java.io.Serial;

/// A data directory that this node cannot or must not use. Nothing in it was changed.
///
/// The message is one line for an operator.
public final class StoreUnusableException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  public StoreUnusableException(String message) {
    super(message);
  }

  public StoreUnusableException(String message, Throwable cause) {
    super(message, cause);
  }
}
