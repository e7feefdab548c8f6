package io.starling.node.metrics;

import io.starling.node.hosting.SpaceLoad;
import io.starling.node.status.NodeStatus;
import io.starling.node.transport.PeerTraffic;
import io.starling.node.transport.Refusal;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/// What is looked at when the meters are read.
///
/// @param spaces what waits in each, by name
/// @param refusals of peers, by reason
public record Reading(
    NodeStatus status,
    SortedMap<String, SpaceLoad> spaces,
    List<PeerTraffic> peers,
    Map<Refusal, Long> refusals,
    Clients clients) {

  public Reading {
    peers = List.copyOf(peers);
    refusals = Map.copyOf(refusals);
  }

  /// What clients have open. Refused are connections beyond the limit.
  ///
  /// @param requests over HTTP that are worked on
  /// @param streams server-sent events and sockets
  /// @param bodyBytes bytes of HTTP bodies that are held
  public record Clients(
      Connections grpc, Connections http, int requests, int streams, int bodyBytes) {}

  /// Connections to one port.
  public record Connections(int open, long refused) {}
}
