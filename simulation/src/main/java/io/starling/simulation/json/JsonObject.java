package io.starling.simulation.json;

import java.util.List;

/// A JSON object that is being written, member by member.
public final class JsonObject {

  private final StringBuilder members = new StringBuilder();

  public void text(String name, String value) {
    raw(name, quoted(value));
  }

  public void number(String name, long value) {
    raw(name, Long.toString(value));
  }

  /// Adds a member whose value is JSON already.
  public void raw(String name, String json) {
    if (!members.isEmpty()) {
      members.append(',');
    }
    members.append(quoted(name)).append(':').append(json);
  }

  public static String array(List<String> items) {
    return "[" + String.join(",", items) + "]";
  }

  public static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u").append(Integer.toHexString(0x10000 | c).substring(1));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  @Override
  public String toString() {
    return "{" + members + "}";
  }
}
