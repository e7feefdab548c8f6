package io.starling.crdt.encoding;

import java.io.Serial;

/// The answer of a decoder to bytes that are no canonical encoding. Nothing was changed.
///
/// Checked, so that whoever reads foreign bytes must turn it into a rejection.
public final class MalformedException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  public MalformedException(String message) {
    super(message);
  }

  public MalformedException(String message, Throwable cause) {
    super(message, cause);
  }
}
