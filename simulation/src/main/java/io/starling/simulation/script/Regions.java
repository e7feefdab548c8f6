package io.starling.simulation.script;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Where the nodes of a run are: each in one region, the first ones in the first.
///
/// Nodes are named by region and number, `eu-1`, `eu-2`, `us-1`; in one region only, `node-1`.
///
/// @param names of the regions, in order
/// @param regionOf for each node, the index of its region
public record Regions(List<String> names, List<Integer> regionOf) {

  /// Names that regions get, in this order.
  private static final List<String> NAMES = List.of("eu", "us", "ap", "sa", "af", "me", "oc", "ca");

  public static final int REGIONS_MAX = NAMES.size();

  public Regions {
    names = List.copyOf(names);
    regionOf = List.copyOf(regionOf);
  }

  /// Spreads nodes over regions as evenly as they go.
  ///
  /// @throws IllegalArgumentException if there are more regions than nodes, or than names
  public static Regions of(int nodes, int regions) {
    if (regions < 1 || regions > REGIONS_MAX) {
      throw new IllegalArgumentException("1 to " + REGIONS_MAX + " regions, not " + regions);
    }
    if (regions > nodes) {
      throw new IllegalArgumentException(
          regions + " regions need as many nodes, and there are " + nodes);
    }
    var names = regions == 1 ? List.of("node") : NAMES.subList(0, regions);
    return new Regions(
        names, IntStream.range(0, nodes).mapToObj(node -> node * regions / nodes).toList());
  }

  public int nodes() {
    return regionOf.size();
  }

  /// The nodes of a region.
  public List<Integer> nodesOf(int region) {
    return IntStream.range(0, nodes())
        .filter(node -> regionOf.get(node) == region)
        .boxed()
        .toList();
  }

  /// The region of a node.
  public String region(int node) {
    return names.get(regionOf.get(node));
  }

  /// The name of a node.
  public String name(int node) {
    int number = 1;
    for (int before = 0; before < node; before++) {
      number += regionOf.get(before).equals(regionOf.get(node)) ? 1 : 0;
    }
    return region(node) + "-" + number;
  }

  /// The names of some nodes.
  public List<String> names(List<Integer> nodes) {
    return nodes.stream().map(this::name).toList();
  }

  /// The nodes that a name means: all of a region, or one.
  ///
  /// @throws IllegalArgumentException if nothing has that name
  public List<Integer> find(String name) {
    int region = names.indexOf(name);
    if (region >= 0) {
      return nodesOf(region);
    }
    for (int node = 0; node < nodes(); node++) {
      if (name(node).equals(name)) {
        return List.of(node);
      }
    }
    var known = new ArrayList<>(names);
    IntStream.range(0, nodes()).mapToObj(this::name).forEach(known::add);
    throw new IllegalArgumentException(
        "no region or node '" + name + "'; there are " + String.join(", ", known));
  }
}
