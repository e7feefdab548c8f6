package io.starling.simulation.workload;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueOrder;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Random changes to a few keys. The key's first name says what is done to it:
///
/// | key | what |
/// |---|---|
/// | `count/` | increments and nothing else, so that the sum is known |
/// | `tally/` | increments, resets, removals |
/// | `register/` | assignments under all read rules, removals |
/// | `flag/` `set/` | enabling and disabling; adding, removing, clearing; of either bias |
/// | `doc/` | merges of nested objects, edits and removals inside them, of any type |
/// | `any/` | everything everywhere: types collide |
final class MutationDraws implements Changes {

  static final List<String> COLLECTIONS =
      List.of("count", "tally", "register", "flag", "set", "doc", "any");

  private static final int NAMES = 4;

  private final Draws draws;
  private final int keys;
  private int values;

  MutationDraws(Draws draws, int keys) {
    this.draws = draws;
    this.keys = keys;
  }

  @Override
  public List<Mutation> transaction() {
    var mutations = new ArrayList<Mutation>();
    int size = draws.perMille(600) ? 1 : draws.between(2, 4);
    for (int i = 0; i < size; i++) {
      mutations.add(change(key()));
    }
    return mutations;
  }

  @Override
  public Mutation edit(String key, Optional<List<NamedTally>> seen) {
    var path = Path.of(key);
    if (isCollection(key, "count")) {
      return change(key);
    }
    return switch (draws.below(3)) {
      case 0 -> new Mutation.Remove(path);
      case 1 -> isCollection(key, "tally") ? new Mutation.Reset(path, seen) : change(key);
      default -> change(key);
    };
  }

  @Override
  public String key() {
    return draws.pick(COLLECTIONS) + "/" + draws.below(keys);
  }

  private Mutation change(String key) {
    var path = Path.of(key);
    return switch (key.substring(0, key.indexOf('/'))) {
      case "count" -> new Mutation.Increment(path, draws.between(-3, 9));
      case "tally" -> tally(path);
      case "register" -> register(path);
      case "flag" -> flag(path);
      case "set" -> set(path);
      case "doc" -> document(path);
      default -> anything(path);
    };
  }

  private Mutation tally(Path path) {
    return switch (draws.below(8)) {
      case 0 -> new Mutation.Reset(path, Optional.empty());
      case 1 -> new Mutation.Remove(path);
      default -> new Mutation.Increment(path, draws.between(-3, 9));
    };
  }

  private Mutation register(Path path) {
    var rule = draws.perMille(300) ? ReadRule.ALL : ReadRule.LATEST;
    return draws.perMille(150) ? new Mutation.Remove(path) : set(path, value(), rule);
  }

  /// The registers of some keys keep their greatest or least value. Lists and the like have no rank
  /// and are written as ever, so that both meet.
  private static Mutation set(Path path, Value value, ReadRule rule) {
    if (!ValueOrder.isRanked(value)) {
      return new Mutation.Set(path, value, rule);
    }
    return switch (number(path)) {
      case 1 -> new Mutation.Set(path, value, ReadRule.MAX);
      case 3 -> new Mutation.Set(path, value, ReadRule.MIN);
      default -> new Mutation.Set(path, value, rule);
    };
  }

  private Mutation flag(Path path) {
    return new Mutation.SetFlag(path, draws.perMille(550), bias(path));
  }

  /// Removals win under keys of odd numbers.
  private static Bias bias(Path path) {
    return number(path) % 2 == 0 ? Bias.ADD : Bias.REMOVE;
  }

  private static int number(Path path) {
    return Integer.parseInt(path.key(), path.key().indexOf('/') + 1, path.key().length(), 10);
  }

  private Mutation set(Path path) {
    var element = new Value.Text("e" + draws.below(5));
    return switch (draws.below(10)) {
      case 0 -> new Mutation.Remove(path);
      case 1, 2, 3 -> new Mutation.RemoveElement(path, element, bias(path));
      default -> new Mutation.AddElement(path, element, bias(path));
    };
  }

  private Mutation document(Path path) {
    return switch (draws.below(8)) {
      case 0 -> new Mutation.Remove(path);
      case 1 -> new Mutation.Remove(path.field(name()));
      case 2 -> new Mutation.Increment(path.field("hits"), 1);
      case 3 -> set(path.field("tags"));
      case 4 -> register(path.field(name()).field(name()));
      default -> new Mutation.Merge(path, struct(2), draws.perMille(500));
    };
  }

  private Mutation anything(Path path) {
    var place = draws.perMille(500) ? path : path.field(name());
    return switch (draws.below(6)) {
      case 0 -> tally(place);
      case 1 -> register(place);
      case 2 -> flag(place);
      case 3 -> set(place);
      case 4 -> new Mutation.Remove(place);
      default -> new Mutation.Merge(place, struct(1), false);
    };
  }

  private Value.Struct struct(int depth) {
    var fields = new TreeMap<String, Value>();
    int size = draws.between(0, 3);
    for (int i = 0; i < size; i++) {
      boolean isDeep = depth > 0 && draws.perMille(350);
      fields.put(name(), isDeep ? struct(depth - 1) : value());
    }
    return new Value.Struct(fields);
  }

  private Value value() {
    return switch (draws.below(6)) {
      case 0 -> new Value.Null();
      case 1 -> new Value.Bool(draws.perMille(500));
      case 2 -> new Value.Array(List.of(new Value.Int(draws.below(5)), new Value.Text("x")));
      default -> new Value.Text("v" + values++);
    };
  }

  private String name() {
    return "f" + draws.below(NAMES);
  }

  private static boolean isCollection(String key, String collection) {
    return key.startsWith(collection + "/");
  }
}
