package io.starling.client;

/// Where a transaction may be sent again when it is not known whether a node has made it.
///
/// Each carries an idempotency key, so a node that knows of the first try answers instead of making
/// it twice. A node that is cut off from the first does not know, and makes it again; both stand.
public enum Retry {
  /// To the same node as long as patience lasts; to another only if making it twice does no harm:
  /// if it neither counts nor resets, nor adds to a register that keeps all concurrent values. The
  /// default.
  SAFE,

  /// To any node: rather twice than not at all.
  ANYWHERE
}
