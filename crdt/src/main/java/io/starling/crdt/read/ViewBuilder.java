package io.starling.crdt.read;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.value.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
    private final List<Value> elements = new ArrayList<>();
    private Optional<View> register = Optional.empty();
    private long total;
    private boolean isFlag;
    private boolean isMap;
    private boolean hasMore;

    private void take(CellId id, Cell cell, int elementsMax) {
      switch (cell) {
        case Cell.Register(var values) ->
            register = Optional.of(new View.Register(values.entries()));
        case Cell.Share share -> {
          total += share.value();
          shares.add(new NamedTally((CellId.Share) id, share.counted()));
        }
        case Cell.Presence _ -> takePresence(id, elementsMax);
      }
    }

    private void takePresence(CellId id, int elementsMax) {
      switch (id) {
        case CellId.Element(_, var element) when elements.size() < elementsMax ->
            elements.add(element);
        case CellId.Element _ -> hasMore = true;
        case CellId.Single(_, var kind) when kind == CellKind.FLAG -> isFlag = true;
        case CellId.Single _, CellId.Share _ -> isMap = true;
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
      if (isFlag) {
        views.put(CellKind.FLAG, new View.Flag());
      }
      if (!shares.isEmpty()) {
        // Cells come ordered by a store's own replica numbers, which differ from node to node.
        shares.sort(Comparator.comparing(NamedTally::share));
        views.put(CellKind.COUNTER, new View.Counter(total, shares));
      }
      if (!elements.isEmpty() || hasMore) {
        views.put(CellKind.SET, new View.Elements(elements, hasMore));
      }
      return switch (views.size()) {
        case 0 -> new View.Absent();
        case 1 -> views.firstEntry().getValue();
        default -> new View.Conflict(views);
      };
    }
  }
}
