package io.starling.crdt.exhaustive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Who had seen what at each of their updates, whatever the updates were.
///
/// @param updates in an order that follows causality
record Shape(List<Update> updates) {

  /// An update of one of three replicas.
  ///
  /// @param replica 0, 1 or 2
  /// @param context how many updates of each replica its author had seen, its own included
  record Update(int replica, List<Integer> context) {

    int seq() {
      return context.get(replica) + 1;
    }

    /// How many updates of each replica one has seen who has seen this one.
    List<Integer> past() {
      var past = new ArrayList<>(context);
      past.set(replica, seq());
      return past;
    }
  }

  private static final List<List<Integer>> RENAMINGS =
      List.of(
          List.of(0, 1, 2),
          List.of(0, 2, 1),
          List.of(1, 0, 2),
          List.of(1, 2, 0),
          List.of(2, 0, 1),
          List.of(2, 1, 0));

  private static final Comparator<Update> CAUSAL =
      Comparator.<Update>comparingInt(update -> sum(update.context))
          .thenComparingInt(Update::replica);

  Shape {
    updates = updates.stream().sorted(CAUSAL).toList();
  }

  /// All shapes in which the replicas make so many updates each. Where all make as many, of those
  /// that differ by the names of replicas only, one.
  static List<Shape> all(List<Integer> updates) {
    SortedMap<String, Shape> shapes = new TreeMap<>();
    shapes.put("", new Shape(List.of()));
    for (int i = 0; i < sum(updates); i++) {
      var longer = new TreeMap<String, Shape>();
      for (var shape : shapes.values()) {
        shape.extend(updates, longer);
      }
      shapes = longer;
    }
    boolean isSymmetric = updates.stream().distinct().count() == 1;
    return shapes.values().stream().filter(s -> !isSymmetric || s.isFirstOfItsNames()).toList();
  }

  /// All sets of updates that contain the causes of each, as numbers of updates seen by replica.
  List<List<Integer>> cuts() {
    var cuts = new ArrayList<List<Integer>>();
    var counts = counts();
    for (int a = 0; a <= counts.get(0); a++) {
      for (int b = 0; b <= counts.get(1); b++) {
        for (int c = 0; c <= counts.get(2); c++) {
          var cut = List.of(a, b, c);
          if (updates.stream().allMatch(u -> !contains(cut, u) || covers(cut, u.context))) {
            cuts.add(cut);
          }
        }
      }
    }
    return cuts;
  }

  static boolean contains(List<Integer> cut, Update update) {
    return cut.get(update.replica) >= update.seq();
  }

  static boolean covers(List<Integer> cut, List<Integer> other) {
    return cut.get(0) >= other.get(0) && cut.get(1) >= other.get(1) && cut.get(2) >= other.get(2);
  }

  private void extend(List<Integer> limits, SortedMap<String, Shape> into) {
    var counts = counts();
    for (int replica = 0; replica < 3; replica++) {
      if (counts.get(replica).equals(limits.get(replica))) {
        continue;
      }
      var past = pastOf(replica);
      for (var cut : cuts()) {
        if (cut.get(replica).equals(counts.get(replica)) && covers(cut, past)) {
          var longer = new ArrayList<>(updates);
          longer.add(new Update(replica, cut));
          var shape = new Shape(longer);
          into.put(shape.toString(), shape);
        }
      }
    }
  }

  private List<Integer> pastOf(int replica) {
    var past = List.of(0, 0, 0);
    for (var update : updates) {
      past = update.replica == replica ? update.past() : past;
    }
    return past;
  }

  private List<Integer> counts() {
    var counts = new Integer[] {0, 0, 0};
    updates.forEach(update -> counts[update.replica]++);
    return Arrays.asList(counts);
  }

  private boolean isFirstOfItsNames() {
    var name = toString();
    return RENAMINGS.stream().allMatch(to -> name.compareTo(renamed(to).toString()) <= 0);
  }

  private Shape renamed(List<Integer> to) {
    return new Shape(
        updates.stream()
            .map(update -> {
              var context = new Integer[3];
              for (int i = 0; i < 3; i++) {
                context[to.get(i)] = update.context.get(i);
              }
              return new Update(to.get(update.replica), List.of(context));
            })
            .toList());
  }

  private static int sum(List<Integer> numbers) {
    return numbers.stream().mapToInt(Integer::intValue).sum();
  }
}
