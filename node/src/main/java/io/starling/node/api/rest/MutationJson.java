package io.starling.node.api.rest;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Mutations as clients write them: `{"op": "increment", "amount": 2}`.
final class MutationJson {

  private static final String OPS =
      "set, increment, flag, add, removeElements, merge, remove, reset";

  private MutationJson() {}

  /// One mutation, or an array of them, of one key.
  static List<Mutation> ofKey(String key, Value body) throws Problem {
    var mutations = new ArrayList<Mutation>();
    if (body instanceof Value.Array(var items)) {
      for (int i = 0; i < items.size(); i++) {
        read(JsonObject.of(items.get(i), "mutation " + (i + 1)), Optional.of(key), mutations);
      }
    } else {
      read(JsonObject.of(body, "the body"), Optional.of(key), mutations);
    }
    return atLeastOne(mutations);
  }

  /// Mutations that name their keys.
  static List<Mutation> ofTransaction(List<Value> items) throws Problem {
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < items.size(); i++) {
      read(JsonObject.of(items.get(i), "mutation " + (i + 1)), Optional.empty(), mutations);
    }
    return atLeastOne(mutations);
  }

  /// A path, with its limits.
  static Path path(String key, List<String> fields) throws Problem {
    try {
      return new Path(key, fields);
    } catch (IllegalArgumentException refused) {
      throw Problem.invalid("This is no place for a value: " + refused.getMessage() + ".");
    }
  }

  /// A read rule by its name.
  static ReadRule rule(String name) throws Problem {
    return switch (name) {
      case "latest" -> ReadRule.LATEST;
      case "all" -> ReadRule.ALL;
      case "max" -> ReadRule.MAX;
      case "min" -> ReadRule.MIN;
      default ->
          throw Problem.invalid(
              "The read rule must be latest, all, max or min, not '" + name + "'.");
    };
  }

  private static List<Mutation> atLeastOne(List<Mutation> mutations) throws Problem {
    if (mutations.isEmpty()) {
      throw Problem.invalid("A transaction needs at least one mutation.");
    }
    return mutations;
  }

  private static void read(JsonObject in, Optional<String> key, List<Mutation> out) throws Problem {
    var path = path(key.isPresent() ? key.get() : in.text("key"), in.texts("fields"));
    var op = in.text("op");
    switch (op) {
      case "set" -> out.add(set(in, path));
      case "increment" -> out.add(new Mutation.Increment(path, in.whole("amount").orElse(1L)));
      case "flag" -> {
        boolean enabled = in.truth("enabled").orElse(true);
        out.add(new Mutation.SetFlag(path, enabled, bias(in, "enable", "disable")));
      }
      case "add" -> {
        var bias = bias(in, "add", "remove");
        elements(in).forEach(element -> out.add(new Mutation.AddElement(path, element, bias)));
      }
      case "removeElements" -> {
        var bias = bias(in, "add", "remove");
        elements(in).forEach(element -> out.add(new Mutation.RemoveElement(path, element, bias)));
      }
      case "merge" -> out.add(merge(in, path));
      case "remove" -> out.add(new Mutation.Remove(path));
      case "reset" -> out.add(new Mutation.Reset(path, seen(in, path)));
      default -> throw in.wrong("has the op '" + op + "'; known are " + OPS);
    }
    in.finish();
  }

  /// Who wins among what is done concurrently; the one that adds, if nothing is said.
  private static Bias bias(JsonObject in, String add, String remove) throws Problem {
    var wins = in.optionalText("wins").orElse(add);
    if (wins.equals(add)) {
      return Bias.ADD;
    }
    if (wins.equals(remove)) {
      return Bias.REMOVE;
    }
    throw in.wrong("has 'wins': '" + wins + "'; it is " + add + " or " + remove);
  }

  private static Mutation set(JsonObject in, Path path) throws Problem {
    return new Mutation.Set(
        path, in.needed("value"), rule(in.optionalText("rule").orElse("latest")));
  }

  private static Mutation merge(JsonObject in, Path path) throws Problem {
    boolean nullRemoves = in.truth("nullRemoves").orElse(false);
    return merge(path, in.needed("patch"), nullRemoves);
  }

  /// The merge of a patch, which must be an object.
  static Mutation merge(Path path, Value patch, boolean nullRemoves) throws Problem {
    if (patch instanceof Value.Struct object) {
      return new Mutation.Merge(path, object, nullRemoves);
    }
    throw Problem.invalid("Only an object can be merged into a map; set other values.");
  }

  private static List<Value> elements(JsonObject in) throws Problem {
    var elements = in.array("elements");
    if (elements.isEmpty() || elements.get().isEmpty()) {
      throw in.wrong("needs 'elements', an array of at least one");
    }
    return elements.get();
  }

  private static Optional<List<NamedTally>> seen(JsonObject in, Path path) throws Problem {
    var shares = in.array("seen");
    if (shares.isEmpty()) {
      return Optional.empty();
    }
    var tallies = new ArrayList<NamedTally>();
    for (var share : shares.get()) {
      tallies.add(share(JsonObject.of(share, "a share in 'seen'"), path));
    }
    return Optional.of(tallies);
  }

  private static NamedTally share(JsonObject in, Path path) throws Problem {
    var replica = in.text("replica");
    long seq = in.whole("seq").orElse(0L);
    long index = in.whole("index").orElse(0L);
    long total = in.whole("total").orElse(0L);
    in.finish();
    try {
      return new NamedTally(
          new CellId.Share(path, ReplicaId.parse(replica)),
          new Tally(seq, Math.toIntExact(index), total));
    } catch (IllegalArgumentException | ArithmeticException refused) {
      throw in.wrong("is none that a read showed; pass on what it showed, unchanged");
    }
  }
}
