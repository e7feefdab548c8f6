package io.starling.node.discovery;

import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/// Which addresses may be dialled on the word of someone who need not be believed, so that a lie
/// does not make the node knock where no peer can be: at a cloud's metadata, or at itself.
final class DialRules {

  /// Clouds' metadata outside the link-local range: AWS by IPv6, Alibaba, Oracle, Azure.
  private static final Set<String> METADATA =
      Set.of("fd00:ec2:0:0:0:0:0:254", "100.100.100.200", "192.0.0.192", "168.63.129.16");

  private final PeerAddress own;
  private final InetAddress ownAddress;

  /// @param own where this node's peers reach it
  /// @throws IllegalArgumentException if that is a host name
  DialRules(PeerAddress own) {
    this.own = own;
    this.ownAddress = InetAddress.ofLiteral(own.host());
  }

  /// Finds what is wrong with an address; nothing if it may be dialled.
  Optional<HintRefusal> objection(InetAddress address, int port) {
    if (isForbidden(address)) {
      return Optional.of(HintRefusal.FORBIDDEN_ADDRESS);
    }
    return port == own.port() && isLocal(address) ? Optional.of(HintRefusal.OWN) : Optional.empty();
  }

  private boolean isForbidden(InetAddress address) {
    return address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || address.isLinkLocalAddress()
        || (address.isLoopbackAddress() && !ownAddress.isLoopbackAddress())
        || METADATA.contains(address.getHostAddress())
        || isReserved(address);
  }

  // "This network" and broadcast of IPv4; IPv6 that stands for an IPv4 address.
  private static boolean isReserved(InetAddress address) {
    var bytes = address.getAddress();
    return switch (address) {
      case Inet4Address _ -> bytes[0] == 0 || (bytes[0] & 0xf0) == 0xf0;
      case Inet6Address six ->
          six.isIPv4CompatibleAddress() && !six.isLoopbackAddress()
              || Arrays.equals(bytes, 0, 4, new byte[] {0, 0x64, (byte) 0xff, (byte) 0x9b}, 0, 4)
              || (bytes[0] == 0x20 && bytes[1] == 0x02);
      default -> true;
    };
  }

  private boolean isLocal(InetAddress address) {
    try {
      return address.equals(ownAddress) || NetworkInterface.getByInetAddress(address) != null;
    } catch (IOException unknown) {
      // Who dials himself notices by the greeting, too.
      return false;
    }
  }
}
