package io.starling.node.config;

import io.starling.node.identity.PeerAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/// Discovery by Hazelcast, where it is asked for.
///
/// @param listen loopback or a private address
public record HazelcastConfig(InetSocketAddress listen, Join join) {

  /// How members find the first other one.
  public sealed interface Join {

    /// By a list, on which the node itself may be.
    record Members(List<PeerAddress> members) implements Join {
      public Members {
        members = List.copyOf(members);
      }
    }

    /// In Kubernetes, by the DNS name of a headless service.
    record ServiceDns(String name) implements Join {}

    /// In Kubernetes, by asking its API for the endpoints of a service.
    ///
    /// @param namespace empty for the pod's own
    record ServiceApi(String service, Optional<String> namespace) implements Join {}
  }
}
