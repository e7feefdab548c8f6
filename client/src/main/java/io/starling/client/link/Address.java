package io.starling.client.link;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// Where a node's client API is. One address is one node, never a balancer before several.
///
/// @param host the name that the node's certificate must be good for
public record Address(String host, int port) {

  /// Rejects what can be no port.
  public Address {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("'" + host + ":" + port + "' is no host:port");
    }
  }

  /// Reads `host:port` or `[v6 address]:port`.
  public static Address parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      var host = text.substring(0, Math.max(colon, 0));
      boolean isBracketed = host.startsWith("[") && host.endsWith("]");
      return new Address(isBracketed ? host.substring(1, host.length() - 1) : host, port);
    } catch (NumberFormatException noNumber) {
      throw new IllegalArgumentException(
          "'" + text + "' is no host:port, as in 10.0.0.7:7411", noNumber);
    }
  }

  /// Whether what is said there stays on this machine.
  public boolean isLoopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException elsewhere) {
      return false;
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
