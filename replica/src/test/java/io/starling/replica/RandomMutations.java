package io.starling.replica;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueOrder;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/// What clients may ask for, on so few paths that they meet.
final class RandomMutations {

  static final List<String> KEYS = List.of("a", "a/b", "c");

  private static final List<String> FIELDS = List.of("f", "g");

  private RandomMutations() {}

  static List<Mutation> some(Random random) {
    var mutations = new ArrayList<Mutation>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      mutations.add(one(random));
    }
    return mutations;
  }

  static Mutation one(Random random) {
    var path = path(random);
    return switch (random.nextInt(10)) {
      case 0 -> new Mutation.Set(path, value(random), ReadRule.LATEST);
      case 1 -> set(path, value(random), random);
      case 2, 3 -> new Mutation.Increment(path, random.nextInt(20) - 8);
      case 4 -> new Mutation.SetFlag(path, random.nextInt(3) > 0, bias(path));
      case 5, 6 -> new Mutation.AddElement(path, value(random), bias(path));
      case 7 -> new Mutation.RemoveElement(path, value(random), bias(path));
      case 8 -> new Mutation.Merge(path, document(random, 2), random.nextBoolean());
      default ->
          random.nextBoolean()
              ? new Mutation.Remove(path)
              : new Mutation.Reset(path, Optional.empty());
    };
  }

  private static Mutation set(Path path, Value value, Random random) {
    var rules = List.of(ReadRule.ALL, ReadRule.MAX, ReadRule.MIN);
    var rule = ValueOrder.isRanked(value) ? rules.get(random.nextInt(3)) : ReadRule.ALL;
    return new Mutation.Set(path, value, rule);
  }

  /// Of each place always the same, lest most be refused; at some of them removals win.
  private static Bias bias(Path path) {
    int names = KEYS.indexOf(path.key()) + path.fields().size();
    return names % 2 == 0 ? Bias.ADD : Bias.REMOVE;
  }

  private static Path path(Random random) {
    var path = Path.of(KEYS.get(random.nextInt(KEYS.size())));
    int depth = Math.max(0, random.nextInt(4) - 1);
    for (int i = 0; i < depth; i++) {
      path = path.field(FIELDS.get(random.nextInt(FIELDS.size())));
    }
    return path;
  }

  private static Value value(Random random) {
    return random.nextInt(5) == 0
        ? new Value.Array(List.of(new Value.Null(), new Value.Bool(true)))
        : new Value.Int(random.nextInt(4));
  }

  private static Value.Struct document(Random random, int depth) {
    var fields = new TreeMap<String, Value>();
    for (var field : FIELDS) {
      switch (random.nextInt(4)) {
        case 0 -> fields.put(field, value(random));
        case 1 -> fields.put(field, new Value.Null());
        case 2 -> fields.put(field, depth > 0 ? document(random, depth - 1) : value(random));
        default -> {}
      }
    }
    return new Value.Struct(fields);
  }
}
