package io.starling.node.identity;

import java.io.Serial;

/// The answer to a key, certificate, request or invitation that does not fit. Nothing was changed.
///
/// The message says what is wrong and what to do, in words for an operator.
public final class IdentityException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final Reason reason;

  /// What does not fit.
  public enum Reason {
    /// Not what such a file or certificate looks like.
    MALFORMED,
    /// Made by, or for, another cluster's authority.
    FOREIGN_CLUSTER,
    /// For a key that this node does not hold, or not proven to be held.
    WRONG_KEY,
    /// An Ed25519 key of small order or not in canonical form.
    WEAK_KEY,
    /// Not valid yet, or no longer.
    EXPIRED,
    /// The directory belongs to another identity, or the name to another key.
    OCCUPIED,
    /// Something that an earlier step would have made is not there.
    MISSING,
    /// A private key that other users of the machine can read.
    EXPOSED
  }

  public IdentityException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public IdentityException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
