package io.starling.node.space;

import io.starling.node.space.ListedSpace.Host;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/// Why a space is not on a node.
public sealed interface Absence {

  /// There is none of this name, as far as the node knows.
  record Unknown() implements Absence {}

  /// It was dropped, and none of its name was created since.
  record Dropped(Instant at) implements Absence {}

  /// Other nodes host it.
  record Elsewhere(List<Host> hosts) implements Absence {
    public Elsewhere {
      hosts = List.copyOf(hosts);
    }
  }

  /// What a client is told, without an end.
  default String message(String name) {
    return switch (this) {
      case Unknown() -> "there is no space '" + name + "' on this node";
      case Dropped(var at) -> "the space '" + name + "' was dropped at " + at;
      case Elsewhere(var hosts) when hosts.isEmpty() ->
          "the space '" + name + "' is not kept on this node, nor on any other that it knows of";
      case Elsewhere(var hosts) ->
          "the space '"
              + name
              + "' is not kept on this node; ask "
              + hosts.stream().map(Host::toString).collect(Collectors.joining(" or "));
    };
  }
}
