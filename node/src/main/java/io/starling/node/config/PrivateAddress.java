package io.starling.node.config;

import java.net.Inet6Address;
import java.net.InetAddress;

/// Addresses that the internet does not route: loopback, private and shared ranges (RFC 1918, 6598,
/// 4193).
final class PrivateAddress {

  private PrivateAddress() {}

  static boolean is(InetAddress address) {
    var bytes = address.getAddress();
    if (address.isLoopbackAddress()) {
      return true;
    }
    if (address instanceof Inet6Address) {
      return (bytes[0] & 0xfe) == 0xfc;
    }
    return address.isSiteLocalAddress() || (bytes[0] == 100 && (bytes[1] & 0xc0) == 64);
  }
}
