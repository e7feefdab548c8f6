package io.starling.replica.batch;

import java.nio.charset.StandardCharsets;

/// A name that a client gives a transaction, so that sending it again does not make it twice.
///
/// It travels with the transaction: whichever node has applied the batch knows the name. Names are
/// apart for each principal.
///
/// @param name 1 to 64 bytes of UTF-8
/// @param fingerprint of what was asked for, so that a name used for something else is noticed
public record RequestKey(String name, long fingerprint) {

  /// Longest name in bytes of UTF-8.
  public static final int NAME_BYTES_MAX = 64;

  public RequestKey {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < 1 || bytes > NAME_BYTES_MAX) {
      throw new IllegalArgumentException(
          "an idempotency key of " + bytes + " bytes; 1 to " + NAME_BYTES_MAX + " are allowed");
    }
  }
}
