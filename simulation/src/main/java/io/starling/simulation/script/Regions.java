package io.starling.simulation.script;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Where the nodes of a run are: each in one region, the first ones in the first.
///
/// Nodes are named by region and number, `eu-1`, `eu-2`, `us-1`, in one region only `node-1`; or as
/// who describes a cluster of theirs calls them.
///
/// @param names of the regions, in order
/// @param regionOf for each node, the index of its region
/// @param nodeNames for each node
public record Regions(List<String> names, List<Integer> regionOf, List<String> nodeNames) {

  /// Names that regions get, in this order.
  private static final List<String> NAMES = List.of("eu", "us", "ap", "sa", "af", "me", "oc", "ca");

  public static final int REGIONS_MAX = NAMES.size();

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  public Regions {
    names = List.copyOf(names);
    regionOf = List.copyOf(regionOf);
    nodeNames = List.copyOf(nodeNames);
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
    var regionOf = IntStream.range(0, nodes).mapToObj(node -> node * regions / nodes).toList();
    return new Regions(names, regionOf, numbered(names, regionOf));
  }

  private static List<String> numbered(List<String> names, List<Integer> regionOf) {
    var numbers = new TreeMap<Integer, Integer>();
    return regionOf.stream()
        .map(region -> names.get(region) + "-" + numbers.merge(region, 1, Integer::sum))
        .toList();
  }

  /// Reads a cluster's shape: sites, each with the names of its nodes, as in `berlin: n1,n2 | oslo:
  /// n3`.
  ///
  /// @throws IllegalArgumentException if it cannot be read; the message says why
  public static Regions read(String text) {
    var names = new ArrayList<String>();
    var regionOf = new ArrayList<Integer>();
    var nodeNames = new ArrayList<String>();
    for (var site : text.split("\\|", -1)) {
      var parts = site.split(":", -1);
      if (parts.length != 2) {
        throw new IllegalArgumentException(
            "write sites as in 'berlin: n1,n2 | oslo: n3', not '" + site.strip() + "'");
      }
      names.add(name(parts[0], names));
      for (var node : parts[1].split(",", -1)) {
        nodeNames.add(name(node, nodeNames));
        regionOf.add(names.size() - 1);
      }
    }
    for (int node = 0; node < nodeNames.size(); node++) {
      int site = names.indexOf(nodeNames.get(node));
      boolean isAlone = site >= 0 && regionOf.indexOf(site) == regionOf.lastIndexOf(site);
      if (site >= 0 && !(regionOf.get(node) == site && isAlone)) {
        throw new IllegalArgumentException(
            "'" + nodeNames.get(node) + "' is a site and a node; give one of them another name");
      }
    }
    if (names.size() > REGIONS_MAX) {
      throw new IllegalArgumentException("at most " + REGIONS_MAX + " sites, not " + names.size());
    }
    return new Regions(names, regionOf, nodeNames);
  }

  private static String name(String text, List<String> before) {
    var name = text.strip();
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "no name '"
              + name
              + "': a name has up to 63 letters, digits, dots, hyphens, underscores");
    }
    if (before.contains(name)) {
      throw new IllegalArgumentException("the name '" + name + "' is there twice");
    }
    return name;
  }

  /// The cluster's shape in words, which [#read] understands.
  public String text() {
    return IntStream.range(0, names.size())
        .mapToObj(region -> names.get(region) + ": " + String.join(",", names(nodesOf(region))))
        .collect(Collectors.joining(" | "));
  }

  /// Whether sites and nodes have the names that they get by themselves.
  public boolean isUsual() {
    return names.size() <= nodes() && equals(of(nodes(), names.size()));
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
    return nodeNames.get(node);
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
    int node = nodeNames.indexOf(name);
    if (node >= 0) {
      return List.of(node);
    }
    var known = new ArrayList<>(names);
    known.addAll(nodeNames);
    throw new IllegalArgumentException(
        "no region or node '" + name + "'; there are " + String.join(", ", known));
  }
}
