package io.starling.faults;

import io.starling.client.View;
import io.starling.faults.history.Cut;
import io.starling.faults.history.Writes;
import io.starling.proto.v1.Leaf;
import io.starling.proto.v1.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.TreeSet;

/// Reads objects as clients wrote them.
final class Views {

  private Views() {}

  static Cut cut(View view) {
    var writes = new ArrayList<Integer>();
    var items = new TreeSet<Integer>();
    var values = new TreeSet<Integer>();
    long count = 0;
    for (var leaf : view.leaves().getLeavesList()) {
      switch (leaf.getFields(0)) {
        case "writes" -> elements(leaf, writes);
        case "items" -> elements(leaf, items);
        case "count" -> count = leaf.getCounter().getTotal();
        case "value" ->
            leaf.getRegister().getCandidatesList().forEach(it -> values.add(number(it.getValue())));
        default -> throw new IllegalStateException("nobody wrote this: " + leaf);
      }
    }
    return new Cut(Writes.of(writes), count, items, values);
  }

  private static void elements(Leaf leaf, Collection<Integer> to) {
    if (leaf.getElements().getMore()) {
      throw new IllegalStateException("more elements than fit a view: " + leaf);
    }
    leaf.getElements().getElementsList().forEach(it -> to.add(number(it)));
  }

  private static int number(Value value) {
    return Math.toIntExact(value.getInteger());
  }
}
