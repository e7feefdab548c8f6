package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.json.JsonText;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A member, as its document in `_system` has it.
record MemberText(String fingerprint, SortedMap<String, Value> fields) {

  /// @param json the member's document
  static MemberText of(String fingerprint, String json) throws CommandFailure {
    try {
      var fields =
          JsonText.parse(json) instanceof Value.Struct(var known)
              ? known
              : new TreeMap<String, Value>();
      return new MemberText(fingerprint, new TreeMap<>(fields));
    } catch (MalformedException foreign) {
      throw CommandFailure.refused("an answer that cannot be read", foreign);
    }
  }

  /// For people.
  String line() {
    return String.format(
        "%s  %-16s %-12s %s",
        ViewText.visible(fingerprint), text("name"), text("site"), text("addresses"));
  }

  /// For programs.
  Value json() {
    var object = new Fields().put("id", fingerprint);
    for (var name : java.util.List.of("name", "site", "addresses")) {
      object.put(name, fields.getOrDefault(name, new Value.Null()));
    }
    return object.struct();
  }

  private String text(String name) {
    @Nullable Value value = fields.get(name);
    return switch (value) {
      case null -> "";
      case Value.Array(var items) -> String.join(" ", items.stream().map(ViewText::of).toList());
      case Value known -> ViewText.of(known);
    };
  }
}
