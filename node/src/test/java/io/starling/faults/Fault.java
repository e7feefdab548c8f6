package io.starling.faults;

import java.util.ArrayList;
import java.util.List;

/// Something that goes wrong for a while.
///
/// @param nodes by number, in an order drawn at random: of a group, the one that is meant first
/// @param amount percent of packets dropped, milliseconds each way, or megabytes left on the disk
/// @param fromMillis not before this time of the run, and not before the one before it has ended
record Fault(FaultKind kind, List<Integer> nodes, int amount, long fromMillis, long forMillis) {

  /// What one node sends to another.
  record Link(int from, int to) {

    @Override
    public String toString() {
      return Wires.name(from) + " > " + Wires.name(to);
    }
  }

  int node() {
    return nodes.getFirst();
  }

  /// The links over which nothing comes.
  List<Link> cut() {
    var rest = nodes.subList(1, nodes.size());
    return switch (kind) {
      case HALVES -> between(nodes.subList(0, nodes.size() / 2), rest(nodes.size() / 2));
      case ISOLATION -> between(List.of(node()), rest);
      case ONE_WAY -> List.of(new Link(node(), nodes.get(1)));
      case BRIDGE -> between(rest.subList(0, rest.size() / 2), rest(1 + rest.size() / 2));
      case LOSS, LATENCY, PAUSE, KILL, RESTART, DISK_FULL, ANSWERS_LOST -> List.of();
    };
  }

  private List<Integer> rest(int first) {
    return nodes.subList(first, nodes.size());
  }

  private static List<Link> between(List<Integer> some, List<Integer> others) {
    var links = new ArrayList<Link>();
    for (int one : some) {
      for (int other : others) {
        links.add(new Link(one, other));
        links.add(new Link(other, one));
      }
    }
    return links;
  }

  @Override
  public String toString() {
    var what =
        switch (kind) {
          case HALVES, ISOLATION, ONE_WAY, BRIDGE -> "cut " + cut();
          case LOSS -> amount + " % of packets on each link";
          case LATENCY -> amount + " ms each way";
          case PAUSE, KILL, RESTART, ANSWERS_LOST -> Wires.name(node());
          case DISK_FULL -> "%s, %d MB left".formatted(Wires.name(node()), amount);
        };
    return "%6d ms for %5d ms: %s, %s".formatted(fromMillis, forMillis, kind, what);
  }
}
