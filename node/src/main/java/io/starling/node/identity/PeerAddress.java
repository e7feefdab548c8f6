package io.starling.node.identity;

/// Where a peer listens: a host name or address, and a port.
///
/// Written `host:port`, an IPv6 address in brackets. It says where to dial and nothing of who
/// answers: that is for the certificate.
public record PeerAddress(String host, int port) {

  public PeerAddress {
    boolean known = host.matches("[A-Za-z0-9._:%-]{1,255}");
    if (!known || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("no peer address: '" + host + "' port " + port);
    }
  }

  /// Reads what [#toString()] writes.
  ///
  /// @throws IllegalArgumentException if the text has another form
  public static PeerAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("a peer address is HOST:PORT, not '" + text + "'");
    }
    var host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (!bracketed && host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "an IPv6 peer address is [ADDRESS]:PORT, not '" + text + "'");
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      return new PeerAddress(bracketed ? host.substring(1, host.length() - 1) : host, port);
    } catch (NumberFormatException noNumber) {
      throw new IllegalArgumentException(
          "a peer address is HOST:PORT, not '" + text + "'", noNumber);
    }
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
