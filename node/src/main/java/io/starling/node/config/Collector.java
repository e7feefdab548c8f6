package io.starling.node.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/// The address of a collector of traces: in plain text on this machine alone, for spans tell who
/// writes when.
final class Collector {

  private Collector() {}

  /// @throws IllegalArgumentException if it may not be used; the message goes on after its name
  static URI parse(String text) {
    URI address;
    try {
      address = URI.create(text);
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException(wanted(text), malformed);
    }
    var scheme = address.getScheme();
    var host = address.getHost();
    boolean isPlain = "http".equals(scheme);
    if (host == null || !(isPlain || "https".equals(scheme)) || hasMore(address)) {
      throw new IllegalArgumentException(wanted(text));
    }
    if (isPlain && !isHere(host)) {
      throw new IllegalArgumentException(
          "is http to "
              + host
              + ", which others can read; use https, or a collector on this machine");
    }
    return address;
  }

  private static boolean hasMore(URI address) {
    return address.getUserInfo() != null
        || address.getQuery() != null
        || address.getFragment() != null;
  }

  private static boolean isHere(String host) {
    try {
      return InetAddress.getByName(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      return false;
    }
  }

  private static String wanted(String text) {
    return "must be http://HOST:PORT or https://HOST:PORT, without user, query or fragment, not "
        + text;
  }
}
