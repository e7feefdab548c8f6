package io.starling.client;

/// The text that a JSON string stands for.
final class JsonString {

  private JsonString() {}

  static String unquote(String json) {
    int end = json.length() - 1;
    if (end < 1 || json.charAt(0) != '"' || json.charAt(end) != '"') {
      throw new IllegalArgumentException("not a JSON string");
    }
    var text = new StringBuilder(end);
    for (int i = 1; i < end; i++) {
      char c = json.charAt(i);
      if (c != '\\') {
        text.append(c);
      } else if (++i == end) {
        throw new IllegalArgumentException("a JSON string without its end");
      } else if (json.charAt(i) == 'u') {
        text.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
        i += 4;
      } else {
        text.append(plain(json.charAt(i)));
      }
    }
    return text.toString();
  }

  private static char plain(char escaped) {
    return switch (escaped) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case '"', '\\', '/' -> escaped;
      default -> throw new IllegalArgumentException("no JSON escape: \\" + escaped);
    };
  }
}
