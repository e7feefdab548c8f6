package io.starling.simulation.exhaustive;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import java.util.List;
import java.util.Locale;

/// What replicas may do to one key, on few places with few values, so that it meets.
public enum DataType {
  COUNTER(count(Place.KEY, 1), count(Place.KEY, -3), reset(Place.KEY), remove(Place.KEY)),
  REGISTER(
      assign(Place.KEY, "x", 1, ReadRule.LATEST),
      assign(Place.KEY, "y", 1, ReadRule.ALL),
      assign(Place.KEY, "y", 2, ReadRule.LATEST),
      remove(Place.KEY)),
  GREATEST(
      assign(Place.KEY, "x", 1, ReadRule.MAX),
      assign(Place.KEY, "y", 0, ReadRule.MAX),
      remove(Place.KEY)),
  FLAG(
      new Update(new Operation.Enable(Place.KEY), HybridTime.ZERO),
      new Update(new Operation.Disable(Place.KEY), HybridTime.ZERO),
      remove(Place.KEY)),
  SET(
      add(Place.KEY, "x", Bias.ADD),
      add(Place.KEY, "y", Bias.ADD),
      takeOut(Place.KEY, "x", Bias.ADD),
      takeOut(Place.KEY, "y", Bias.ADD),
      remove(Place.KEY)),
  DISABLE_WINS_FLAG(
      new Update(new Operation.Enable(Place.KEY, Bias.REMOVE), HybridTime.ZERO),
      new Update(new Operation.Disable(Place.KEY, Bias.REMOVE), HybridTime.ZERO),
      remove(Place.KEY)),
  REMOVE_WINS_SET(
      add(Place.KEY, "x", Bias.REMOVE),
      add(Place.KEY, "y", Bias.REMOVE),
      takeOut(Place.KEY, "x", Bias.REMOVE),
      takeOut(Place.KEY, "y", Bias.REMOVE),
      remove(Place.KEY)),
  MAP(
      assign(Place.X, "v", 0, ReadRule.LATEST),
      assign(Place.Y, "v", 0, ReadRule.LATEST),
      makeMap(Place.KEY),
      remove(Place.X),
      remove(Place.KEY)),
  COUNTERS_IN_MAP(
      count(Place.X, 1), count(Place.Y, 1), reset(Place.X), makeMap(Place.KEY), remove(Place.KEY)),
  MIXED(
      count(Place.KEY, 1),
      assign(Place.KEY, "v", 0, ReadRule.LATEST),
      add(Place.X, "v", Bias.ADD),
      new Update(new Operation.Enable(Place.X), HybridTime.ZERO),
      remove(Place.KEY));

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of, of records without arrays
  private final List<Update> updates;

  DataType(Update... updates) {
    this.updates = List.of(updates);
  }

  /// One thing to do, with the stamp of its transaction.
  record Update(Operation operation, HybridTime time) {}

  /// Where.
  static final class Place {
    static final Path KEY = Path.of("k");
    static final Path X = KEY.field("x");
    static final Path Y = KEY.field("y");

    private Place() {}
  }

  List<Update> updates() {
    return updates;
  }

  /// The key that all of it concerns.
  Path key() {
    return Place.KEY;
  }

  /// Whether replicas can change their names without changing what anyone reads. Not where equal
  /// stamps on different values are told apart by the order of replicas.
  boolean isSymmetric() {
    return this != REGISTER;
  }

  /// The name on command lines and in reports.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Update count(Path path, long amount) {
    return new Update(new Operation.Increment(path, amount), HybridTime.ZERO);
  }

  private static Update reset(Path path) {
    return new Update(new Operation.Reset(path, List.of()), HybridTime.ZERO);
  }

  private static Update remove(Path path) {
    return new Update(new Operation.Remove(path, List.of()), HybridTime.ZERO);
  }

  private static Update makeMap(Path path) {
    return new Update(new Operation.MakeMap(path, List.of()), HybridTime.ZERO);
  }

  private static Update assign(Path path, String text, long millis, ReadRule rule) {
    var value = new Value.Text(text);
    return new Update(
        new Operation.Assign(path, value, rule, List.of()), HybridTime.ofMillis(millis));
  }

  private static Update add(Path path, String element, Bias bias) {
    return new Update(
        new Operation.AddElement(path, new Value.Text(element), bias), HybridTime.ZERO);
  }

  private static Update takeOut(Path path, String element, Bias bias) {
    return new Update(
        new Operation.RemoveElement(path, new Value.Text(element), bias), HybridTime.ZERO);
  }
}
