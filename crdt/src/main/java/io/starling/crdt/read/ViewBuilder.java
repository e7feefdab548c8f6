package io.starling.crdt.read;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.value.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Puts a view together from the cells at a path and below, fed in the order of their names.
///
/// Elements of a set beyond a limit are counted as `more` and not kept.
public final class ViewBuilder {

  private final Path root;
  private final int elementsMax;
  private final Node top = new Node();

  public ViewBuilder(Path root, int elementsMax) {
    this.root = root;
    this.elementsMax = elementsMax;
  }

  /// Takes the next cell. Cells that readers do not see are passed over.
  public void add(CellId id, Cell cell) {
    if (!cell.isLive()) {
      return;
    }
    var node = top;
    var fields = id.path().fields();
    for (var name : fields.subList(root.fields().size(), fields.size())) {
      node = node.fields.computeIfAbsent(name, _ -> new Node());
    }
    node.take(id, cell, elementsMax);
  }

  /// The view of all cells taken.
  public View build() {
    return top.view();
  }

  /// What lies at one path, while it is read.
  private static final class Node {
    private final SortedMap<String, Node> fields = new TreeMap<>();
    private final List<NamedTally> shares = new ArrayList<>();
    private final SortedMap<Bias, List<Value>> elements = new TreeMap<>();
    private final Set<Bias> flags = EnumSet.noneOf(Bias.class);
    private final Set<Bias> longer = EnumSet.noneOf(Bias.class);
    private Optional<View> register = Optional.empty();
    private long total;
    private boolean isMap;

    private void take(CellId id, Cell cell, int elementsMax) {
      switch (cell) {
        case Cell.Register(var values) ->
            register = Optional.of(new View.Register(values.entries()));
        case Cell.Share share -> {
          total += share.value();
          shares.add(new NamedTally((CellId.Share) id, share.counted()));
        }
        case Cell.Presence _, Cell.Contested _ -> takePresence(id, elementsMax);
      }
    }

    private void takePresence(CellId id, int elementsMax) {
      switch (id) {
        case CellId.Element(_, var element, var bias) -> takeElement(bias, element, elementsMax);
        case CellId.Single(_, var kind) when kind == CellKind.FLAG -> flags.add(Bias.ADD);
        case CellId.Single(_, var kind) when kind == CellKind.DISABLE_WINS_FLAG ->
            flags.add(Bias.REMOVE);
        case CellId.Single _, CellId.Share _ -> isMap = true;
      }
    }

    private void takeElement(Bias bias, Value element, int elementsMax) {
      var kept = elements.computeIfAbsent(bias, _ -> new ArrayList<>());
      if (kept.size() < elementsMax) {
        kept.add(element);
      } else {
        longer.add(bias);
      }
    }

    private View view() {
      var views = new TreeMap<CellKind, View>();
      register.ifPresent(view -> views.put(CellKind.REGISTER, view));
      if (isMap || !fields.isEmpty()) {
        var inner = new TreeMap<String, View>();
        fields.forEach((name, node) -> inner.put(name, node.view()));
        views.put(CellKind.MAP, new View.Fields(inner));
      }
      flags.forEach(bias -> views.put(bias.flag(), new View.Flag(bias)));
      if (!shares.isEmpty()) {
        // Cells come ordered by a store's own replica numbers, which differ from node to node.
        shares.sort(Comparator.comparing(NamedTally::share));
        views.put(CellKind.COUNTER, new View.Counter(total, shares));
      }
      elements.forEach((bias, kept) ->
          views.put(bias.set(), new View.Elements(bias, kept, longer.contains(bias))));
      return switch (views.size()) {
        case 0 -> new View.Absent();
        case 1 -> views.firstEntry().getValue();
        default -> new View.Conflict(views);
      };
    }
  }
}
