package io.starling.simulation.check;

import io.starling.crdt.read.View;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a view shows without the names of those who wrote it: nodes have other names for the
/// branches of a fork than [io.starling.simulation.world.Lineage] has, and counts of a replica may
/// stand under several.
final class Unnamed {

  private Unnamed() {}

  /// Equal for views that show the same.
  static Object of(View view) {
    return switch (view) {
      case View.Register(var values) ->
          values.values().stream().map(Objects::toString).sorted().toList();
      case View.Counter(long total, _) -> total;
      case View.Fields(var fields) -> all(fields);
      case View.Conflict(var views) -> all(views);
      case View.Absent _, View.Flag _, View.Elements _ -> view;
    };
  }

  private static <K> Map<K, Object> all(SortedMap<K, View> views) {
    var all = new TreeMap<K, Object>(views.comparator());
    views.forEach((name, view) -> all.put(name, of(view)));
    return all;
  }
}
