package io.starling.node.api.http;

import java.net.InetAddress;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.X509KeyManager;

/// Where and how a node serves HTTP.
///
/// @param host an address of this machine, or `localhost`
/// @param port 0 for any that is free
/// @param names under which browsers may reach the node, beyond `localhost` and addresses
/// @param tls key and certificate; only a loopback address can do without
public record HttpSettings(String host, int port, Set<String> names, Optional<X509KeyManager> tls) {

  public HttpSettings {
    names = Collections.unmodifiableSet(new TreeSet<>(names));
    if (tls.isEmpty() && !isLoopback(host)) {
      throw new IllegalArgumentException(
          "HTTP on " + host + " needs TLS: only loopback addresses are served without");
    }
  }

  /// Plain HTTP on this machine only.
  public static HttpSettings loopback(int port) {
    return new HttpSettings("127.0.0.1", port, Set.of(), Optional.empty());
  }

  static boolean isLoopback(String host) {
    try {
      return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException aName) {
      return false;
    }
  }
}
