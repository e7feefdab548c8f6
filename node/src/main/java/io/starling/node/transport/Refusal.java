package io.starling.node.transport;

import java.util.Locale;

/// Why a connection or stream was not taken.
public enum Refusal {
  /// What came first was no TLS: plain text, or garbage.
  NOT_TLS,
  /// TLS older than 1.3.
  OLD_TLS,
  /// No certificate was shown.
  NO_CERTIFICATE,
  /// A certificate of another cluster.
  FOREIGN_CLUSTER,
  /// A certificate outside its time.
  EXPIRED,
  /// A certificate that is no node's, or is broken.
  BAD_CERTIFICATE,
  /// The other end did not take this node's certificate: most often a node of another cluster.
  NOT_TRUSTED,
  /// The handshake failed in another way, or was not done in time.
  HANDSHAKE,
  /// More connections than are allowed at a time.
  TOO_MANY_CONNECTIONS,
  /// More peers than are allowed at a time.
  TOO_MANY_PEERS,
  /// A peer that is shut out for what it has sent.
  SHUT_OUT,
  /// A member that has left the cluster.
  DEPARTED,
  /// No common version of the protocol, or no proper Hello.
  PROTOCOL,
  /// Another process that holds this node's own key.
  OWN_KEY;

  /// The name in metrics.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
