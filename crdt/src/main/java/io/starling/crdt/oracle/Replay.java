package io.starling.crdt.oracle;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueEncoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The operations on one key that lie inside a context, and what they mean together.
///
/// @param all operations on the key, in the order they were added
record Replay(List<Recorded> all, CausalContext within) {

  private static final Comparator<Value> BY_BYTES =
      (a, b) -> Arrays.compareUnsigned(ValueEncoding.encode(a), ValueEncoding.encode(b));

  /// What one reads at a path.
  View view(Path path) {
    return view(path, visible(path));
  }

  /// What was written at a path and below, and stands.
  List<Recorded> standing(Path path) {
    var standing = new ArrayList<Recorded>();
    for (int i = 0; i < all.size(); i++) {
      var recorded = all.get(i);
      boolean isHere = path.isAtOrAbove(recorded.operation().path());
      if (isHere && recorded.writes() && within.covers(recorded.dot()) && !isTaken(i)) {
        standing.add(recorded);
      }
    }
    return standing;
  }

  /// What stands and shows: neither removals nor what they hide.
  List<Recorded> visible(Path path) {
    var standing = standing(path);
    var hiding = standing.stream().filter(Recorded::hides).toList();
    return standing.stream()
        .filter(recorded -> hiding.stream().noneMatch(recorded::isOfSame))
        .filter(recorded -> !recorded.hides())
        .toList();
  }

  /// What one names who clears a path and all below it.
  List<NamedTally> tallies(Path path) {
    var shares = new TreeSet<CellId.Share>();
    for (var recorded : standing(path)) {
      if (recorded.isIncrement()) {
        var at = recorded.operation().path();
        shares.add(new CellId.Share(at, recorded.dot().replica()));
      }
    }
    return shares.stream().map(this::named).toList();
  }

  private boolean isTaken(int at) {
    for (int later = at + 1; later < all.size(); later++) {
      var taker = all.get(later);
      if (taker.sees().get(at) && within.covers(taker.dot()) && taker.takes(all.get(at))) {
        return true;
      }
    }
    return false;
  }

  private View view(Path path, List<Recorded> standing) {
    var here = standing.stream().filter(r -> r.operation().path().equals(path)).toList();
    var views = new TreeMap<CellKind, View>();
    register(here).ifPresent(view -> views.put(CellKind.REGISTER, view));
    map(path, here, standing).ifPresent(view -> views.put(CellKind.MAP, view));
    counter(path, here).ifPresent(view -> views.put(CellKind.COUNTER, view));
    for (var bias : Bias.values()) {
      flag(here, bias).ifPresent(view -> views.put(bias.flag(), view));
      set(here, bias).ifPresent(view -> views.put(bias.set(), view));
    }
    return switch (views.size()) {
      case 0 -> new View.Absent();
      case 1 -> views.firstEntry().getValue();
      default -> new View.Conflict(views);
    };
  }

  private static Optional<View> register(List<Recorded> here) {
    var values = new TreeMap<Dot, Assignment>();
    for (var recorded : here) {
      if (recorded.operation() instanceof Operation.Assign(_, var value, var rule, _)) {
        values.put(recorded.dot(), new Assignment(value, recorded.time(), rule));
      }
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(new View.Register(values));
  }

  /// A map is there if its mark is, or if anything is below.
  private Optional<View> map(Path path, List<Recorded> here, List<Recorded> standing) {
    var below = new TreeMap<String, List<Recorded>>();
    for (var recorded : standing) {
      var fields = recorded.operation().path().fields();
      if (fields.size() > path.fields().size()) {
        var name = fields.get(path.fields().size());
        below.computeIfAbsent(name, _ -> new ArrayList<>()).add(recorded);
      }
    }
    boolean isMarked = here.stream().anyMatch(r -> r.operation() instanceof Operation.MakeMap);
    if (!isMarked && below.isEmpty()) {
      return Optional.empty();
    }
    var fields = new TreeMap<String, View>();
    below.forEach((name, inside) -> fields.put(name, view(path.field(name), inside)));
    return Optional.of(new View.Fields(fields));
  }

  private Optional<View> counter(Path path, List<Recorded> here) {
    long total = 0;
    var origins = new TreeSet<ReplicaId>();
    for (var recorded : here) {
      if (recorded.isIncrement()) {
        total += recorded.amount();
        origins.add(recorded.dot().replica());
      }
    }
    var shares = origins.stream().map(origin -> new CellId.Share(path, origin)).map(this::named);
    return origins.isEmpty()
        ? Optional.empty()
        : Optional.of(new View.Counter(total, shares.toList()));
  }

  private static Optional<View> flag(List<Recorded> here, Bias bias) {
    return here.stream()
        .filter(r -> r.operation() instanceof Operation.Enable(_, var of) && of == bias)
        .findFirst()
        .map(_ -> new View.Flag(bias));
  }

  private static Optional<View> set(List<Recorded> here, Bias bias) {
    var elements = new TreeSet<>(BY_BYTES);
    for (var recorded : here) {
      if (recorded.operation() instanceof Operation.AddElement(_, var element, var of)
          && of == bias) {
        elements.add(element);
      }
    }
    return elements.isEmpty()
        ? Optional.empty()
        : Optional.of(new View.Elements(bias, List.copyOf(elements), false));
  }

  private NamedTally named(CellId.Share share) {
    return new NamedTally(share, tally(share));
  }

  /// All that a replica ever counted there, whether it stands or not.
  private Tally tally(CellId.Share share) {
    var tally = Tally.NONE;
    for (var recorded : all) {
      if (recorded.isIncrement()
          && recorded.operation().path().equals(share.path())
          && recorded.dot().replica().equals(share.origin())
          && within.covers(recorded.dot())) {
        var dot = recorded.dot();
        tally = new Tally(dot.seq(), dot.index(), tally.total() + recorded.amount());
      }
    }
    return tally;
  }
}
