package io.starling.crdt.op;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The canonical bytes of an operation inside a batch: a code, then the content.
///
/// A run of operations on one key names it once: the path of an operation is written as the number
/// of leading names it shares with the path before it, then the names that follow (a key counts as
/// the first name). Bit 7 of the code is kept for an expiry that may follow it; a reader of this
/// version refuses it.
public final class OperationEncoding {

  /// The newest form of operations.
  public static final int FORM = 2;

  /// Most tallies that one operation may name.
  public static final int TALLIES_MAX = 100_000;

  private static final int ASSIGN = 1;
  private static final int MAKE_MAP = 2;
  private static final int REMOVE = 3;
  private static final int RESET = 4;
  private static final int INCREMENT = 5;
  private static final int ENABLE = 6;
  private static final int DISABLE = 7;
  private static final int ADD_ELEMENT = 8;
  private static final int REMOVE_ELEMENT = 9;
  // The same, of flags and sets where removals win.
  private static final int ENABLE_CONTESTED = 10;
  private static final int DISABLE_CONTESTED = 11;
  private static final int ADD_CONTESTED = 12;
  private static final int REMOVE_CONTESTED = 13;

  private OperationEncoding() {}

  /// The form that is needed to write an operation: 1, or 2 for registers that read their greatest
  /// or least value, and for flags and sets where removals win.
  public static int form(Operation operation) {
    return switch (operation) {
      case Operation.Assign(_, _, var rule, _) ->
          rule == ReadRule.MAX || rule == ReadRule.MIN ? FORM : 1;
      case Operation.Enable(_, var bias) -> form(bias);
      case Operation.Disable(_, var bias) -> form(bias);
      case Operation.AddElement(_, _, var bias) -> form(bias);
      case Operation.RemoveElement(_, _, var bias) -> form(bias);
      case Operation.MakeMap _, Operation.Remove _, Operation.Reset _, Operation.Increment _ -> 1;
    };
  }

  private static int form(Bias bias) {
    return bias == Bias.REMOVE ? FORM : 1;
  }

  /// Writes operations one after the other, without a count.
  public static void write(Encoder out, List<Operation> operations) {
    List<String> before = List.of();
    for (var operation : operations) {
      out.u8(code(operation));
      var names = names(operation.path());
      writeNames(out, before, names);
      writeContent(out, operation);
      before = names;
    }
  }

  /// Reads `count` operations.
  public static List<Operation> read(Decoder in, int count) throws MalformedException {
    List<String> before = List.of();
    Optional<Path> path = Optional.empty();
    var operations = new ArrayList<Operation>(Math.min(count, in.remaining()));
    for (int i = 0; i < count; i++) {
      int code = in.u8();
      var names = readNames(in, before);
      if (path.isEmpty() || !names.equals(before)) {
        path = Optional.of(path(names));
      }
      operations.add(operation(in, code, path.get()));
      before = names;
    }
    return operations;
  }

  private static Operation operation(Decoder in, int code, Path path) throws MalformedException {
    try {
      return readContent(in, code, path);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException("an operation that cannot be", refused);
    }
  }

  private static int code(Operation operation) {
    return switch (operation) {
      case Operation.Assign _ -> ASSIGN;
      case Operation.MakeMap _ -> MAKE_MAP;
      case Operation.Remove _ -> REMOVE;
      case Operation.Reset _ -> RESET;
      case Operation.Increment _ -> INCREMENT;
      case Operation.Enable(_, var bias) -> bias == Bias.ADD ? ENABLE : ENABLE_CONTESTED;
      case Operation.Disable(_, var bias) -> bias == Bias.ADD ? DISABLE : DISABLE_CONTESTED;
      case Operation.AddElement(_, _, var bias) -> bias == Bias.ADD ? ADD_ELEMENT : ADD_CONTESTED;
      case Operation.RemoveElement(_, _, var bias) ->
          bias == Bias.ADD ? REMOVE_ELEMENT : REMOVE_CONTESTED;
    };
  }

  private static void writeContent(Encoder out, Operation operation) {
    switch (operation) {
      case Operation.Assign(_, var value, var rule, var seen) -> {
        out.u8(rule.code()).bytes(ValueEncoding.encode(value));
        writeTallies(out, operation.path(), seen);
      }
      case Operation.MakeMap(var path, var seen) -> writeTallies(out, path, seen);
      case Operation.Remove(var path, var seen) -> writeTallies(out, path, seen);
      case Operation.Reset(var path, var seen) -> writeTallies(out, path, seen);
      case Operation.Increment(_, long amount) -> out.signed(amount);
      case Operation.Enable _, Operation.Disable _ -> {}
      case Operation.AddElement(_, var element, _) -> out.bytes(ValueEncoding.encode(element));
      case Operation.RemoveElement(_, var element, _) -> out.bytes(ValueEncoding.encode(element));
    }
  }

  private static Operation readContent(Decoder in, int code, Path path) throws MalformedException {
    return switch (code) {
      case ASSIGN -> {
        var rule = ReadRule.ofCode(in.u8());
        yield new Operation.Assign(
            path, ValueEncoding.decode(in.bytes()), rule, readTallies(in, path));
      }
      case MAKE_MAP -> new Operation.MakeMap(path, readTallies(in, path));
      case REMOVE -> new Operation.Remove(path, readTallies(in, path));
      case RESET -> new Operation.Reset(path, readTallies(in, path));
      case INCREMENT -> new Operation.Increment(path, in.signed());
      case ENABLE -> new Operation.Enable(path, Bias.ADD);
      case DISABLE -> new Operation.Disable(path, Bias.ADD);
      case ADD_ELEMENT -> new Operation.AddElement(path, element(in), Bias.ADD);
      case REMOVE_ELEMENT -> new Operation.RemoveElement(path, element(in), Bias.ADD);
      case ENABLE_CONTESTED -> new Operation.Enable(path, Bias.REMOVE);
      case DISABLE_CONTESTED -> new Operation.Disable(path, Bias.REMOVE);
      case ADD_CONTESTED -> new Operation.AddElement(path, element(in), Bias.REMOVE);
      case REMOVE_CONTESTED -> new Operation.RemoveElement(path, element(in), Bias.REMOVE);
      default -> throw new MalformedException("unknown operation " + code);
    };
  }

  private static Value element(Decoder in) throws MalformedException {
    return ValueEncoding.decode(in.bytes());
  }

  private static List<String> names(Path path) {
    var names = new ArrayList<String>(path.fields().size() + 1);
    names.add(path.key());
    names.addAll(path.fields());
    return names;
  }

  private static Path path(List<String> names) throws MalformedException {
    try {
      return new Path(names.getFirst(), names.subList(1, names.size()));
    } catch (IllegalArgumentException refused) {
      throw new MalformedException("a path out of limits", refused);
    }
  }

  private static void writeNames(Encoder out, List<String> before, List<String> names) {
    int shared = 0;
    while (shared < Math.min(before.size(), names.size())
        && before.get(shared).equals(names.get(shared))) {
      shared++;
    }
    out.varint(shared).varint(names.size() - shared);
    names.subList(shared, names.size()).forEach(out::text);
  }

  private static List<String> readNames(Decoder in, List<String> before) throws MalformedException {
    int shared = in.count(before.size(), "shared names");
    int more = in.count(Path.DEPTH_MAX + 1 - shared, "names");
    if (shared + more == 0) {
      throw new MalformedException("a path without a key");
    }
    if (shared == before.size() && more == 0) {
      return before;
    }
    var names = new ArrayList<>(before.subList(0, shared));
    for (int i = 0; i < more; i++) {
      var name = in.text();
      if (i == 0 && shared < before.size() && name.equals(before.get(shared))) {
        throw new MalformedException("a path that repeats a name it could share");
      }
      names.add(name);
    }
    return names;
  }

  private static void writeTallies(Encoder out, Path above, List<NamedTally> seen) {
    out.varint(seen.size());
    for (var named : seen) {
      var fields = named.share().path().fields();
      var below = fields.subList(above.fields().size(), fields.size());
      out.varint(below.size());
      below.forEach(out::text);
      out.replica(named.share().origin());
      out.varint(named.seen().seq()).varint(named.seen().index()).signed(named.seen().total());
    }
  }

  private static List<NamedTally> readTallies(Decoder in, Path above) throws MalformedException {
    int count = in.count(Math.min(TALLIES_MAX, in.remaining()), "tallies");
    var seen = new ArrayList<NamedTally>(count);
    for (int i = 0; i < count; i++) {
      int depth = in.count(Path.DEPTH_MAX - above.fields().size(), "fields");
      var names = names(above);
      for (int field = 0; field < depth; field++) {
        names.add(in.text());
      }
      var share = new CellId.Share(path(names), in.replica());
      var tally = new Tally(in.seq(), in.count(Integer.MAX_VALUE, "as index"), in.signed());
      seen.add(new NamedTally(share, tally));
    }
    return seen;
  }
}
