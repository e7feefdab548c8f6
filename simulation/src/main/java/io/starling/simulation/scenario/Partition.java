package io.starling.simulation.scenario;

import io.starling.simulation.chance.Draws;
import java.util.ArrayList;
import java.util.List;

/// A way in which a network falls apart: the directed links that are cut.
record Partition(String what, List<Cut> cuts, boolean isSilent, boolean flaps) {

  record Cut(int from, int to) {}

  static Partition draw(int nodes, Draws draws) {
    boolean silent = draws.perMille(300);
    boolean flaps = draws.perMille(200);
    return switch (draws.below(5)) {
      case 0 -> between("halves", halves(nodes, draws), true, silent, flaps);
      case 1 -> between("one alone", alone(nodes, draws), true, silent, flaps);
      case 2 -> between("one way", halves(nodes, draws), false, silent, flaps);
      case 3 -> new Partition("a bridge", bridge(nodes, draws), silent, flaps);
      default -> new Partition("links at random", coins(nodes, draws), silent, flaps);
    };
  }

  private static Partition between(
      String what, boolean[] side, boolean bothWays, boolean isSilent, boolean flaps) {
    var cuts = new ArrayList<Cut>();
    for (int from = 0; from < side.length; from++) {
      for (int to = 0; to < side.length; to++) {
        boolean crosses = side[from] != side[to];
        if (crosses && (bothWays || side[from])) {
          cuts.add(new Cut(from, to));
        }
      }
    }
    return new Partition(what, cuts, isSilent, flaps);
  }

  private static boolean[] halves(int nodes, Draws draws) {
    var side = new boolean[nodes];
    for (int node = 0; node < nodes; node++) {
      side[node] = draws.perMille(500);
    }
    return side;
  }

  private static boolean[] alone(int nodes, Draws draws) {
    var side = new boolean[nodes];
    side[draws.below(nodes)] = true;
    return side;
  }

  /// Two groups that reach each other only through one node.
  private static List<Cut> bridge(int nodes, Draws draws) {
    int bridge = draws.below(nodes);
    var side = halves(nodes, draws);
    var cuts = new ArrayList<Cut>();
    for (int from = 0; from < nodes; from++) {
      for (int to = 0; to < nodes; to++) {
        boolean touchesBridge = from == bridge || to == bridge;
        if (!touchesBridge && side[from] != side[to]) {
          cuts.add(new Cut(from, to));
        }
      }
    }
    return cuts;
  }

  private static List<Cut> coins(int nodes, Draws draws) {
    var cuts = new ArrayList<Cut>();
    for (int from = 0; from < nodes; from++) {
      for (int to = 0; to < nodes; to++) {
        if (from != to && draws.perMille(400)) {
          cuts.add(new Cut(from, to));
        }
      }
    }
    return cuts;
  }
}
