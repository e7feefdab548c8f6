package io.starling.node.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The parts of one view in JSON, which may stand in any order, and the view that they make.
///
/// Reads what [ViewJson] writes, and what says less: of a register who wrote its value and of a
/// counter who counted may be left out. Of a counter that is passed over, and stamps are read to
/// the millisecond, the latest as such. Refused is what is not known, is missing or contradicts the
/// rest. As deep as the parser allows.
final class ViewReader {

  private static final ReplicaId NOBODY = new ReplicaId(new KeyFingerprint(0, 0), 0);
  private static final long MILLIS_MAX = new HybridTime(-1L).millis();

  /// Of what one of a register's values is made, all of it required.
  private static final int WRITTEN_PARTS = 7;

  private final Set<String> names = new TreeSet<>();
  private final TreeMap<String, View> fields = new TreeMap<>();
  private String type = "";
  private String rule = "";
  private String wins = "";
  private Value value = new Value.Null();
  private List<Written> values = List.of();
  private List<Value> elements = List.of();
  private List<View> views = List.of();
  private long total;
  private boolean isMore;

  private ViewReader() {}

  /// One of a register's values, as it was written.
  private record Written(Value value, Dot dot, long millis, boolean isLatest, boolean isRead) {}

  @FunctionalInterface
  private interface Item<T> {
    T read(JsonParser in) throws IOException, MalformedException;
  }

  /// The view at which a parser is.
  static View read(JsonParser in) throws IOException, MalformedException {
    require(in, JsonToken.START_OBJECT, "a view is an object");
    var parts = new ViewReader();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      parts.take(in);
    }
    return parts.view();
  }

  /// Refuses a view that cannot be what a key reads: names beyond the limits of a path, and sets
  /// with an element twice.
  static void check(Path path, View view) throws MalformedException {
    switch (view) {
      case View.Fields(var below) -> {
        for (var field : below.entrySet()) {
          check(below(path, field.getKey()), field.getValue());
        }
      }
      case View.Conflict(var views) -> {
        for (var one : views.values()) {
          check(path, one);
        }
      }
      case View.Elements(_, var elements, _) -> {
        if (new LinkedHashSet<>(elements).size() < elements.size()) {
          throw new MalformedException("the set " + path + " has an element twice");
        }
      }
      case View.Absent _, View.Register _, View.Counter _, View.Flag _ -> {}
    }
  }

  private static Path below(Path path, String name) throws MalformedException {
    try {
      return path.field(name);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private void take(JsonParser in) throws IOException, MalformedException {
    var name = in.currentName();
    in.nextToken();
    names.add(name);
    switch (name) {
      case "type" -> type = text(in, name);
      case "rule" -> rule = text(in, name);
      case "wins" -> wins = text(in, name);
      case "value" -> value = JsonText.value(in);
      case "values" -> values = list(in, name, ViewReader::written);
      case "total" -> total = whole(in, name);
      case "shares" -> {
        require(in, JsonToken.START_ARRAY, "'shares' is an array");
        in.skipChildren();
      }
      case "elements" -> elements = list(in, name, JsonText::value);
      case "more" -> isMore = truth(in, name);
      case "fields" -> takeFields(in);
      case "views" -> views = list(in, name, ViewReader::read);
      default -> throw new MalformedException("'" + name + "' is no part of a view");
    }
  }

  private void takeFields(JsonParser in) throws IOException, MalformedException {
    require(in, JsonToken.START_OBJECT, "'fields' is an object");
    while (in.nextToken() != JsonToken.END_OBJECT) {
      var name = in.currentName();
      in.nextToken();
      fields.put(name, read(in));
    }
  }

  private View view() throws MalformedException {
    return switch (type) {
      case "absent" -> {
        requireParts(List.of(), List.of());
        yield new View.Absent();
      }
      case "register" -> {
        requireParts(List.of("rule", "value"), List.of("values"));
        yield register();
      }
      case "counter" -> {
        requireParts(List.of("total"), List.of("shares"));
        yield new View.Counter(total, List.of());
      }
      case "flag" -> {
        requireParts(List.of("wins", "value"), List.of());
        if (!value.equals(new Value.Bool(true))) {
          throw new MalformedException("a flag that is there is true");
        }
        yield new View.Flag(bias("enable", "disable"));
      }
      case "set" -> {
        requireParts(List.of("wins", "elements"), List.of("more"));
        yield new View.Elements(bias("add", "remove"), elements, isMore);
      }
      case "map" -> {
        requireParts(List.of("fields"), List.of());
        yield new View.Fields(fields);
      }
      case "conflict" -> {
        requireParts(List.of("views"), List.of());
        yield conflict();
      }
      default -> throw new MalformedException("a view of no known type: '" + type + "'");
    };
  }

  private void requireParts(List<String> required, List<String> optional)
      throws MalformedException {
    for (var name : required) {
      if (!names.contains(name)) {
        throw new MalformedException("a " + type + " without '" + name + "'");
      }
    }
    for (var name : names) {
      boolean isKnown = name.equals("type") || required.contains(name) || optional.contains(name);
      if (!isKnown) {
        throw new MalformedException("a " + type + " has no '" + name + "'");
      }
    }
  }

  private Bias bias(String add, String remove) throws MalformedException {
    if (wins.equals(add)) {
      return Bias.ADD;
    }
    if (wins.equals(remove)) {
      return Bias.REMOVE;
    }
    throw new MalformedException("'wins' is " + add + " or " + remove + ", not '" + wins + "'");
  }

  private View register() throws MalformedException {
    var rules = rule();
    if (!names.contains("values")) {
      var only = new Assignment(value, HybridTime.ZERO, rules);
      var one = new TreeMap<Dot, Assignment>();
      one.put(new Dot(NOBODY, 1, 0), only);
      return new View.Register(one);
    }
    var assignments = new TreeMap<Dot, Assignment>();
    for (var one : values) {
      var start = HybridTime.ofMillis(one.millis());
      // Stamps are finer than milliseconds: of several in one, the latest is said to be so.
      var time = one.isLatest() ? start.next() : start;
      if (assignments.put(one.dot(), new Assignment(one.value(), time, rules)) != null) {
        throw new MalformedException("a register with two values of one replica, seq and index");
      }
    }
    if (assignments.isEmpty()) {
      throw new MalformedException("a register without a value");
    }
    var register = new View.Register(assignments);
    requireAgreement(register);
    return register;
  }

  private void requireAgreement(View.Register register) throws MalformedException {
    var latest = register.latest().getKey();
    for (var one : values) {
      boolean isRead = ViewJson.isRead(register, one.dot());
      if (one.isLatest() != one.dot().equals(latest) || one.isRead() != isRead) {
        throw new MalformedException("a register's values contradict 'latest' or 'read'");
      }
    }
    if (!register.read().getValue().value().equals(value)) {
      throw new MalformedException("a register's 'value' is none that is read");
    }
  }

  private ReadRule rule() throws MalformedException {
    return switch (rule) {
      case "latest" -> ReadRule.LATEST;
      case "all" -> ReadRule.ALL;
      case "max" -> ReadRule.MAX;
      case "min" -> ReadRule.MIN;
      default -> throw new MalformedException("no rule of a register: '" + rule + "'");
    };
  }

  private View conflict() throws MalformedException {
    var byKind = new TreeMap<CellKind, View>();
    for (var one : views) {
      if (byKind.put(kind(one), one) != null) {
        throw new MalformedException("a conflict with two views of one type");
      }
    }
    if (byKind.size() < 2) {
      throw new MalformedException("a conflict is of two types or more");
    }
    return new View.Conflict(byKind);
  }

  private static CellKind kind(View view) throws MalformedException {
    return switch (view) {
      case View.Register _ -> CellKind.REGISTER;
      case View.Counter _ -> CellKind.COUNTER;
      case View.Flag(var bias) -> bias.flag();
      case View.Elements(var bias, _, _) -> bias.set();
      case View.Fields _ -> CellKind.MAP;
      case View.Absent _, View.Conflict _ ->
          throw new MalformedException(
              "a conflict holds no view that is '" + view.typeLabel() + "'");
    };
  }

  private static Written written(JsonParser in) throws IOException, MalformedException {
    require(in, JsonToken.START_OBJECT, "one of 'values' is an object");
    var seen = new TreeSet<String>();
    Value value = new Value.Null();
    var replica = NOBODY;
    long seq = 0;
    long index = 0;
    long millis = 0;
    boolean isLatest = false;
    boolean isRead = false;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      var name = in.currentName();
      in.nextToken();
      seen.add(name);
      switch (name) {
        case "value" -> value = JsonText.value(in);
        case "replica" -> replica = replica(text(in, name));
        case "seq" -> seq = within(whole(in, name), 1, Long.MAX_VALUE, name);
        case "index" -> index = within(whole(in, name), 0, Integer.MAX_VALUE, name);
        case "millis" -> millis = within(whole(in, name), 0, MILLIS_MAX, name);
        case "latest" -> isLatest = truth(in, name);
        case "read" -> isRead = truth(in, name);
        default -> throw new MalformedException("'" + name + "' is no part of one of 'values'");
      }
    }
    if (seen.size() != WRITTEN_PARTS) {
      throw new MalformedException("one of 'values' lacks some of its parts: it has " + seen);
    }
    return new Written(value, new Dot(replica, seq, (int) index), millis, isLatest, isRead);
  }

  private static ReplicaId replica(String text) throws MalformedException {
    try {
      return ReplicaId.parse(text);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static long within(long number, long least, long most, String name)
      throws MalformedException {
    if (number < least || number > most) {
      throw new MalformedException("'" + name + "' is " + least + " to " + most);
    }
    return number;
  }

  static void require(JsonParser in, JsonToken token, String otherwise) throws MalformedException {
    if (in.currentToken() != token) {
      throw new MalformedException(otherwise);
    }
  }

  static String text(JsonParser in, String name) throws IOException, MalformedException {
    require(in, JsonToken.VALUE_STRING, "'" + name + "' is a text");
    return in.getText();
  }

  static long whole(JsonParser in, String name) throws IOException, MalformedException {
    if (JsonText.value(in) instanceof Value.Int(long number)) {
      return number;
    }
    throw new MalformedException("'" + name + "' is a whole number of 64 bits");
  }

  static boolean truth(JsonParser in, String name) throws IOException, MalformedException {
    if (JsonText.value(in) instanceof Value.Bool(boolean truth)) {
      return truth;
    }
    throw new MalformedException("'" + name + "' is true or false");
  }

  private static <T> List<T> list(JsonParser in, String name, Item<T> item)
      throws IOException, MalformedException {
    require(in, JsonToken.START_ARRAY, "'" + name + "' is an array");
    var items = new ArrayList<T>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      items.add(item.read(in));
    }
    return items;
  }
}
