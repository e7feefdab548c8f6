package io.starling.node.discovery;

import java.util.Locale;

/// Why something that a source said was not taken.
public enum HintRefusal {
  /// It says no address or no node, or says it in another form; any other program's member too.
  MALFORMED,
  /// A host name in place of an address: what it stands for could change after it was looked at.
  HOST_NAME,
  /// An address that no peer has: unspecified, multicast, link-local, of a cloud's metadata, or
  /// loopback where this node itself is not on loopback.
  FORBIDDEN_ADDRESS,
  /// This node's own address or key.
  OWN,
  /// As many hints as are kept stand already, and none of them has failed yet.
  FULL;

  /// The name in metrics and status.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
