package io.starling.node.space;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SpaceId;
import java.util.List;

/// A space of the cluster, as one node sees it.
///
/// @param generation how many spaces of this name were dropped before it
/// @param cells here; 0 if it is not here
/// @param logBytes here; 0 if it is not here
/// @param hosts who hosts it
public record ListedSpace(
    String name,
    SpaceId id,
    long generation,
    Hosting hosting,
    long cells,
    long logBytes,
    SpaceSettings settings,
    List<Host> hosts) {

  public ListedSpace {
    hosts = List.copyOf(hosts);
  }

  /// How a node stands to a space.
  public enum Hosting {
    /// It is here.
    HERE,
    /// Other nodes host it.
    ELSEWHERE,
    /// This node is to host it no longer, and keeps it, readable, until a host has everything.
    LEAVING
  }

  /// A member that hosts a space.
  ///
  /// @param name empty if it is not known
  /// @param addresses where its peers reach it, `host:port`
  public record Host(KeyFingerprint key, String name, List<String> addresses) {

    public Host {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String toString() {
      var who = name.isEmpty() ? key.toString() : name;
      return addresses.isEmpty() ? who : who + " (peers at " + String.join(", ", addresses) + ")";
    }
  }
}
