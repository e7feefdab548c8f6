package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;

/// A member, as a line for people.
final class MemberText {

  private MemberText() {}

  /// @param json the member's document
  static String line(String fingerprint, String json) throws CommandFailure {
    try {
      var fields =
          JsonText.parse(json) instanceof Value.Struct(var known)
              ? known
              : new java.util.TreeMap<String, Value>();
      return String.format(
          "%s  %-16s %-12s %s",
          ViewText.visible(fingerprint),
          text(fields.get("name")),
          text(fields.get("site")),
          text(fields.get("addresses")));
    } catch (MalformedException foreign) {
      throw CommandFailure.refused("an answer that cannot be read", foreign);
    }
  }

  private static String text(@org.jspecify.annotations.Nullable Value value) {
    return switch (value) {
      case null -> "";
      case Value.Array(var items) -> String.join(" ", items.stream().map(ViewText::of).toList());
      case Value known -> ViewText.of(known);
    };
  }
}
