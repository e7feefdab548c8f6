package io.starling.node.discovery.hazelcast;

import com.hazelcast.instance.EndpointQualifier;
import com.hazelcast.spi.MemberAddressProvider;
import java.net.InetSocketAddress;

/// The address that was asked for, and no other: Hazelcast would look for one among the machine's
/// interfaces, and knows only the first of loopback.
record FixedAddress(InetSocketAddress address) implements MemberAddressProvider {

  @Override
  public InetSocketAddress getBindAddress() {
    return address;
  }

  @Override
  public InetSocketAddress getBindAddress(EndpointQualifier qualifier) {
    return address;
  }

  @Override
  public InetSocketAddress getPublicAddress() {
    return address;
  }

  @Override
  public InetSocketAddress getPublicAddress(EndpointQualifier qualifier) {
    return address;
  }
}
