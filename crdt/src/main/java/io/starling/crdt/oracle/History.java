package io.starling.crdt.oracle;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.read.View;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// All operations ever done, each with what its author had seen, and what they mean together.
///
/// The declared semantics in one sentence: what an operation wrote stands until another, whose
/// author had seen it, takes its place or takes it away ([Recorded#takes]). A value is what stands.
/// Every question is answered by going through the operations anew; there is no cell, no dot store
/// and no join here, so that those can be held against this.
///
/// Counters are exact in the same way: an increment stands until a reset or removal takes it. Since
/// a share has one total and not a dot for each increment, an operation takes just those increments
/// that its author saw *and* names; one that names what it cannot have seen is refused here, and
/// what an operation should name is told by [#tallies].
///
/// Memory grows with the square of the operations on one key, and so does the cost of a view. Not
/// thread-safe.
public final class History {

  private static final CausalContext EVERYTHING = _ -> true;

  /// By key, in the order they were added, which follows causality.
  private final SortedMap<String, List<Recorded>> operations = new TreeMap<>();

  private final SortedSet<Dot> dots = new TreeSet<>();

  /// Adds an operation. All that its context covers was added before.
  ///
  /// @param context what its author had seen, the operations before it in its transaction included;
  ///   asked at once and not kept
  /// @throws IllegalArgumentException if the dot was used before, or if a tally is named that the
  ///   author cannot have seen; nothing was added
  public void add(Operation operation, Dot dot, HybridTime time, CausalContext context) {
    if (dots.contains(dot)) {
      throw new IllegalArgumentException("two operations with the dot " + dot);
    }
    var before = operations.getOrDefault(operation.path().key(), List.of());
    for (var named : operation.seen()) {
      requireSeen(named, before, context);
    }
    var sees = new BitSet(before.size());
    for (int i = 0; i < before.size(); i++) {
      sees.set(i, context.covers(before.get(i).dot()));
    }
    dots.add(dot);
    operations
        .computeIfAbsent(operation.path().key(), _ -> new ArrayList<>())
        .add(new Recorded(operation, dot, time, sees));
  }

  /// How many operations there are.
  public int size() {
    return dots.size();
  }

  /// What one reads at a path who has seen all operations.
  public View view(Path path) {
    return view(path, EVERYTHING);
  }

  /// What one reads at a path who has seen the operations inside a context and no others.
  ///
  /// @param within causally closed, as version vectors of nodes are
  public View view(Path path, CausalContext within) {
    return new Replay(all(path), within).view(path);
  }

  /// The operations whose writing stands for one who has seen those inside a context: by dot, in
  /// the order of dots.
  public SortedSet<Dot> standing(CausalContext within) {
    var standing = new TreeSet<Dot>();
    operations.forEach((key, all) ->
        new Replay(all, within)
            .standing(Path.of(key))
            .forEach(recorded -> standing.add(recorded.dot())));
    return standing;
  }

  /// The keys at which one reads something who has seen all operations.
  public SortedSet<String> liveKeys() {
    return liveKeys(EVERYTHING);
  }

  /// The keys at which one reads something who has seen the operations inside a context.
  public SortedSet<String> liveKeys(CausalContext within) {
    var live = new TreeSet<String>();
    operations.forEach((key, all) -> {
      if (!new Replay(all, within).visible(Path.of(key)).isEmpty()) {
        live.add(key);
      }
    });
    return live;
  }

  /// What an operation that clears a path and all below it names if its author has seen what lies
  /// inside a context. A reset names those of its very path.
  public List<NamedTally> tallies(Path path, CausalContext within) {
    return new Replay(all(path), within).tallies(path);
  }

  private List<Recorded> all(Path path) {
    return operations.getOrDefault(path.key(), List.of());
  }

  private static void requireSeen(NamedTally named, List<Recorded> before, CausalContext context) {
    var seen = named.seen();
    var last = new Dot(named.share().origin(), seen.seq(), seen.index());
    long total = 0;
    boolean isIncrement = false;
    for (var recorded : before) {
      if (recorded.isNamedBy(named)) {
        total += recorded.amount();
        isIncrement |= recorded.dot().equals(last);
      }
    }
    if (!isIncrement || total != seen.total() || !context.covers(last)) {
      throw new IllegalArgumentException(
          "a tally named that its author cannot have seen: " + named);
    }
  }
}
