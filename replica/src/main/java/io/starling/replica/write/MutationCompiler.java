package io.starling.replica.write;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueEncoding;
import io.starling.crdt.value.ValueOrder;
import io.starling.replica.limits.Limits;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.state.CellStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Turns what a client asks into operations, against what is there now: checks types and limits,
/// names what counters had counted, leaves out what would change nothing. For one transaction.
final class MutationCompiler {

  private static final long TOTAL_MAX = Long.MAX_VALUE / 2;

  private static final Comparator<NamedTally> BY_SHARE = Comparator.comparing(NamedTally::share);

  private final CellStore cells;
  private final Limits limits;
  private final ReplicaId self;
  private final CausalContext read;

  /// Own shares that this transaction counts, as they were before it.
  private final TreeMap<CellId, Tally> before = new TreeMap<>();

  /// Cells that the operations of this transaction look at to clear them, so far.
  private long cleared;

  /// @param self whose share increments go to
  /// @param read what the client had read; what the transaction itself does is known here
  MutationCompiler(CellStore cells, Limits limits, ReplicaId self, CausalContext read) {
    this.cells = cells;
    this.limits = limits;
    this.self = self;
    this.read = read;
  }

  CellStore cells() {
    return cells;
  }

  List<Operation> compile(Mutation mutation) throws Refusal {
    requireMapsAbove(mutation.path());
    return switch (mutation) {
      case Mutation.Set(var path, var value, var rule) -> {
        requireKind(path, CellKind.REGISTER);
        yield set(path, value, rule);
      }
      case Mutation.Increment(var path, long amount) -> {
        requireKind(path, CellKind.COUNTER);
        requireRoom(path, amount);
        yield List.of(increment(path, amount));
      }
      case Mutation.SetFlag(var path, boolean enabled, var bias) -> {
        requireKind(path, bias.flag());
        yield setFlag(path, enabled, bias);
      }
      case Mutation.AddElement(var path, var element, var bias) -> {
        requireKind(path, bias.set());
        requireElement(element);
        yield List.of(new Operation.AddElement(path, element, bias));
      }
      case Mutation.RemoveElement(var path, var element, var bias) -> {
        requireKind(path, bias.set());
        requireElement(element);
        boolean isNeeded = isNeeded(new CellId.Element(path, element, bias), bias);
        yield isNeeded ? List.of(new Operation.RemoveElement(path, element, bias)) : List.of();
      }
      case Mutation.Merge(var path, var patch, boolean nullRemoves) -> {
        requireKind(path, CellKind.MAP);
        yield new DocumentMerge(this, nullRemoves).merge(path, patch);
      }
      case Mutation.Remove(var path) -> remove(path);
      case Mutation.Reset(var path, var seen) -> {
        requireKind(path, CellKind.COUNTER);
        yield reset(path, seen);
      }
    };
  }

  /// Under a rule of greatest or least nothing is written that would not be read. Who removes the
  /// register concurrently has then seen all that counts.
  List<Operation> set(Path path, Value value, ReadRule rule) throws Refusal {
    if (rule == ReadRule.MAX || rule == ReadRule.MIN) {
      requireRanked(path, value, rule);
      var there = (Cell.Register) cells.get(new CellId.Single(path, CellKind.REGISTER));
      boolean isAll = cells.kindsAt(path).equals(EnumSet.of(CellKind.REGISTER));
      if (isAll && stands(new View.Register(there.values().entries()), value, rule)) {
        return List.of();
      }
    }
    return List.of(assign(path, value, rule));
  }

  private static boolean stands(View.Register there, Value value, ReadRule rule) {
    var read = there.read().getValue().value();
    int order = ValueOrder.ORDER.compare(read, value);
    boolean isBehind = rule == ReadRule.MAX ? order > 0 : order < 0;
    // What is read already may be written to be rid of the others.
    boolean isStanding = isBehind || (order == 0 && there.values().size() == 1);
    return there.rule() == rule && ValueOrder.isRanked(read) && isStanding;
  }

  private static void requireRanked(Path path, Value value, ReadRule rule) throws Refusal {
    if (!ValueOrder.isRanked(value)) {
      throw Refusal.invalid(
          "'"
              + path
              + "' is to keep its "
              + (rule == ReadRule.MAX ? "greatest" : "least")
              + " value, which goes for numbers and text only");
    }
  }

  Operation assign(Path path, Value value, ReadRule rule) throws Refusal {
    requireValue(value);
    return new Operation.Assign(path, value, rule, talliesAtAndBelow(path));
  }

  List<Operation> remove(Path path) throws Refusal {
    // Of what does not show there may be more than can be looked at: removals that stand.
    if (cells.kindsAt(path).isEmpty()) {
      return List.of();
    }
    return List.of(new Operation.Remove(path, talliesAtAndBelow(path)));
  }

  Operation makeMap(Path path) throws Refusal {
    return new Operation.MakeMap(path, talliesAtAndBelow(path));
  }

  /// Refuses an operation of another type than what is seen at its path. Where concurrent creation
  /// left several types, each of them will do.
  void requireKind(Path path, CellKind wanted) throws Refusal {
    requireKind(path, wanted, cells.kindsAt(path));
  }

  private static void requireKind(Path path, CellKind wanted, Set<CellKind> kinds) throws Refusal {
    if (!kinds.isEmpty() && !kinds.contains(wanted)) {
      var there = String.join(" and ", kinds.stream().map(CellKind::label).toList());
      throw Refusal.precondition(
          "'"
              + path
              + "' holds a "
              + there
              + ", not a "
              + wanted.label()
              + "; remove it first, or use an operation of its type");
    }
  }

  private void requireMapsAbove(Path path) throws Refusal {
    var above = path;
    boolean isInMap = false;
    // Whatever makes a map of a path makes maps of all above it, so the nearest one is enough.
    while (!above.isRoot() && !isInMap) {
      above = above.parent();
      var kinds = cells.kindsAt(above);
      requireKind(above, CellKind.MAP, kinds);
      isInMap = !kinds.isEmpty();
    }
  }

  private List<Operation> setFlag(Path path, boolean enabled, Bias bias) {
    if (enabled) {
      return List.of(new Operation.Enable(path, bias));
    }
    boolean isNeeded = isNeeded(new CellId.Single(path, bias.flag()), bias);
    return isNeeded ? List.of(new Operation.Disable(path, bias)) : List.of();
  }

  /// Whether it means something to take away what is not seen here: it does where that wins, for it
  /// may have been added elsewhere.
  private boolean isNeeded(CellId id, Bias bias) {
    return bias == Bias.REMOVE || cells.get(id).isLive();
  }

  /// A reset leaves a counter that reads 0, so an increment of nothing follows it.
  private List<Operation> reset(Path path, Optional<List<NamedTally>> seen) throws Refusal {
    var tallies = seen.isPresent() ? named(path, seen.get()) : tallies(path, sharesAt(path));
    return List.of(new Operation.Reset(path, tallies), increment(path, 0));
  }

  /// What a client passes on from a read, checked and in order.
  private List<NamedTally> named(Path path, List<NamedTally> seen) throws Refusal {
    var tallies = seen.stream().sorted(BY_SHARE).toList();
    for (int i = 0; i < tallies.size(); i++) {
      requireSeen(path, tallies.get(i));
      requireRead(path, tallies.get(i));
      if (i > 0 && BY_SHARE.compare(tallies.get(i - 1), tallies.get(i)) == 0) {
        throw Refusal.invalid(
            "the reset of '"
                + path
                + "' names the share of one replica twice; pass on what the"
                + " read showed");
      }
    }
    if (tallies.size() > limits.clearedCells()) {
      throw Refusal.tooLarge(
          "the reset of '" + path + "' names more than " + limits.clearedCells() + " shares");
    }
    return tallies;
  }

  private Operation increment(Path path, long amount) {
    var share = new CellId.Share(path, self);
    before.putIfAbsent(share, ((Cell.Share) cells.get(share)).counted());
    return new Operation.Increment(path, amount);
  }

  private void requireSeen(Path path, NamedTally named) throws Refusal {
    var share = (Cell.Share) cells.get(named.share());
    var seen = named.seen();
    boolean isNow = seen.seq() == share.counted().seq() && seen.index() == share.counted().index();
    double rest = (double) share.counted().total() - seen.total();
    boolean isPlausible = seen.compareTo(share.reset()) <= 0 || Math.abs(rest) <= Limits.SHARE_MAX;
    boolean wasCounted =
        isNow ? seen.equals(share.counted()) : seen.compareTo(share.counted()) < 0 && isPlausible;
    if (!named.share().path().equals(path) || !wasCounted) {
      throw Refusal.invalid(
          "the reset of '"
              + path
              + "' names a total that this counter never had; read it again"
              + " and pass on what the read showed");
    }
  }

  /// A total is killed whole, so all of it must have been read; what the transaction itself has
  /// counted is known, and what was there before it counts all the same.
  private void requireRead(Path path, NamedTally named) throws Refusal {
    var own = before.getOrDefault(named.share(), named.seen());
    var seen = own.compareTo(named.seen()) < 0 ? own : named.seen();
    var last = new Dot(named.share().origin(), Math.max(seen.seq(), 1), seen.index());
    if (!seen.equals(Tally.NONE) && !read.covers(last)) {
      throw new Refusal(
          Outcome.Reason.ABORTED,
          "a counter at '"
              + path
              + "' has counted since the read that this answers to;"
              + " read again and repeat");
    }
  }

  private List<CellId> sharesAt(Path path) throws Refusal {
    return inReach(path).stream().filter(id -> id.path().equals(path)).toList();
  }

  private List<NamedTally> talliesAtAndBelow(Path path) throws Refusal {
    return tallies(path, inReach(path));
  }

  /// The cells at a path and below, counted: they cost time here and on every node, whether they go
  /// or, by a narrow context, stay.
  private List<CellId> inReach(Path path) throws Refusal {
    var ids = cells.atAndBelow(path, limits.clearedCells());
    cleared += ids.size();
    if (ids.size() > limits.clearedCells()) {
      throw Refusal.tooLarge(
          "'"
              + path
              + "' has more than "
              + limits.clearedCells()
              + " cells; remove its parts first");
    }
    if (cleared > limits.clearedCells()) {
      throw Refusal.tooLarge(
          "a transaction that clears more than " + limits.clearedCells() + " cells; split it");
    }
    return ids;
  }

  private List<NamedTally> tallies(Path path, List<CellId> ids) throws Refusal {
    var tallies = new ArrayList<NamedTally>();
    for (var id : ids) {
      if (id instanceof CellId.Share share
          && cells.get(id) instanceof Cell.Share counted
          && counted.isLive()) {
        var named = new NamedTally(share, counted.counted());
        requireRead(path, named);
        tallies.add(named);
      }
    }
    return tallies;
  }

  private void requireRoom(Path path, long amount) throws Refusal {
    var share = (Cell.Share) cells.get(new CellId.Share(path, self));
    boolean fits = Math.abs(amount) <= Limits.SHARE_MAX && amount != Long.MIN_VALUE;
    // What was reset no longer counts for readers, but the running total must not wrap either.
    fits = fits && Math.abs(share.value() + amount) <= Limits.SHARE_MAX;
    fits = fits && Math.abs(share.counted().total() + amount) <= TOTAL_MAX;
    if (!fits) {
      throw Refusal.invalid(
          "'" + path + "' would count beyond " + Limits.SHARE_MAX + " on this node");
    }
  }

  private void requireValue(Value value) throws Refusal {
    int bytes = ValueEncoding.encode(value).length;
    if (bytes > limits.valueBytes()) {
      throw Refusal.invalid(
          "a value of " + bytes + " bytes; at most " + limits.valueBytes() + " are allowed");
    }
  }

  private static void requireElement(Value element) throws Refusal {
    int bytes = ValueEncoding.encode(element).length;
    if (bytes > Limits.ELEMENT_BYTES_MAX) {
      throw Refusal.invalid(
          "an element of "
              + bytes
              + " bytes; at most "
              + Limits.ELEMENT_BYTES_MAX
              + " are allowed: keep large content under a key of its own");
    }
  }
}
