package io.starling.node.cli.bundle;

import java.util.regex.Pattern;

/// Takes secrets out of text: PEM blocks, bearer tokens, sign-in codes, passwords in addresses, and
/// the value of whatever is named like a secret, in YAML, JSON, `key=value` and HTTP headers.
///
/// It rather takes out too much.
final class Redaction {

  /// What stands where a secret was.
  static final String MARK = "[redacted]";

  private static final String NAMES =
      "(?:token|passw(?:or)?d|passphrase|secret|credential|authorization|cookie|api[-_]?key"
          + "|private[-_]?key|signing[-_]?key|pem)";

  // Also a block that a cut has taken the beginning or the end of.
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN [^-\\n]+-----.*?(?:-----END [^-\\n]+-----|\\z)", Pattern.DOTALL);
  private static final Pattern PEM_END =
      Pattern.compile("\\A[A-Za-z0-9+/=\\s]*-----END [^-\\n]+-----");
  private static final Pattern KEY_LINE =
      Pattern.compile("(?m)^[ \\t]*[A-Za-z0-9+/]{60,}={0,2}[ \\t]*$");
  private static final Pattern BEARER =
      Pattern.compile("(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{6,}");
  private static final Pattern TOKEN = Pattern.compile("\\bst_[A-Za-z0-9_-]{6,}");
  private static final Pattern CODE = Pattern.compile("(?i)([?&]code=)[^\\s&\"']+");
  private static final Pattern USER = Pattern.compile("(://)[^/\\s@]+@");
  private static final Pattern BLOCK =
      Pattern.compile(
          "(?i)([ \\t]*)[\\w.\"'-]*" + NAMES + "[\\w.\"'-]*[ \\t]*:[ \\t]*[|>]?[-+0-9]*[ \\t]*");
  // Looked for from the beginning of a word only: from each letter of it would take its square.
  private static final Pattern NAMED =
      Pattern.compile("(?i)(?<![\\w.-])[\\w.-]*" + NAMES + "[\\w.-]*[\"']?[ \\t]*[:=][ \\t]*");

  private final StringBuilder out = new StringBuilder();
  // How far the name of a block is indented whose lines are left out; less than none without one.
  private int block = -1;

  private Redaction() {}

  /// The text without its secrets. Takes time in proportion to its length.
  static String of(String text) {
    var clean = PEM.matcher(text).replaceAll(MARK);
    clean = PEM_END.matcher(clean).replaceFirst(MARK);
    clean = KEY_LINE.matcher(clean).replaceAll(MARK);
    clean = BEARER.matcher(clean).replaceAll("$1 " + MARK);
    clean = TOKEN.matcher(clean).replaceAll(MARK);
    clean = CODE.matcher(clean).replaceAll("$1" + MARK);
    clean = USER.matcher(clean).replaceAll("$1" + MARK + "@");
    var redaction = new Redaction();
    for (int from = 0; from < clean.length(); ) {
      int end = clean.indexOf('\n', from);
      int next = end < 0 ? clean.length() : end + 1;
      redaction.line(clean.substring(from, end < 0 ? next : end), end >= 0);
      from = next;
    }
    return redaction.out.toString();
  }

  private void line(String line, boolean isEnded) {
    if (block >= 0 && isInBlock(line)) {
      return;
    }
    block = -1;
    var name = BLOCK.matcher(line);
    if (name.matches()) {
      block = name.group(1).length();
      out.append(line.stripTrailing()).append(' ').append(MARK);
    } else {
      values(line);
    }
    if (isEnded) {
      out.append('\n');
    }
  }

  private boolean isInBlock(String line) {
    int indent = line.length() - line.stripLeading().length();
    return line.isBlank() || indent > block || (indent == block && line.startsWith("-", indent));
  }

  private void values(String line) {
    var name = NAMED.matcher(line);
    int at = 0;
    while (at <= line.length() && name.find(at) && name.end() < line.length()) {
      int from = name.end();
      boolean isQuoted = line.charAt(from) == '"';
      out.append(line, at, from).append(isQuoted ? "\"" + MARK + "\"" : MARK);
      at = valueEnd(line, from);
    }
    out.append(line, Math.min(at, line.length()), line.length());
  }

  // A quoted value ends with its quote, any other before what ends it in JSON or YAML.
  private static int valueEnd(String line, int from) {
    char quote = line.charAt(from);
    if (quote != '"' && quote != '\'') {
      int end = from;
      while (end < line.length() && ",}]".indexOf(line.charAt(end)) < 0) {
        end++;
      }
      return end;
    }
    int end = from + 1;
    while (end < line.length() && line.charAt(end) != quote) {
      end += quote == '"' && line.charAt(end) == '\\' ? 2 : 1;
    }
    return Math.min(end + 1, line.length());
  }
}
