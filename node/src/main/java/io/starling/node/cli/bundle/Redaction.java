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
  private static final Pattern KEY_LINE = Pattern.compile("(?m)^\\s*[A-Za-z0-9+/]{60,}={0,2}\\s*$");
  private static final Pattern BEARER =
      Pattern.compile("(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{6,}");
  private static final Pattern TOKEN = Pattern.compile("\\bst_[A-Za-z0-9_-]{6,}");
  private static final Pattern CODE = Pattern.compile("(?i)([?&]code=)[^\\s&\"']+");
  private static final Pattern USER = Pattern.compile("(://)[^/\\s@]+@");
  private static final Pattern BLOCK =
      Pattern.compile(
          "(?im)^([ \\t]*)([\\w.\"'-]*"
              + NAMES
              + "[\\w.\"'-]*[ \\t]*:)[ \\t]*[|>]?[-+0-9]*[ \\t]*\\n"
              + "(?:\\1[ \\t-][^\\n]*(?:\\n|\\z)|[ \\t]*\\n)+");
  private static final Pattern NAMED =
      Pattern.compile(
          "(?i)([\\w.-]*"
              + NAMES
              + "[\\w.-]*[\"']?[ \\t]*[:=][ \\t]*)"
              + "(\"(?:\\\\.|[^\"\\\\])*\"?|'[^']*'?|[^\\s,}\\]][^\\n,}\\]]*)");

  private Redaction() {}

  static String of(String text) {
    var out = PEM.matcher(text).replaceAll(MARK);
    out = PEM_END.matcher(out).replaceFirst(MARK);
    out = KEY_LINE.matcher(out).replaceAll(MARK);
    out = BLOCK.matcher(out).replaceAll("$1$2 " + MARK + "\n");
    out = BEARER.matcher(out).replaceAll("$1 " + MARK);
    out = TOKEN.matcher(out).replaceAll(MARK);
    out = CODE.matcher(out).replaceAll("$1" + MARK);
    out = USER.matcher(out).replaceAll("$1" + MARK + "@");
    return NAMED.matcher(out).replaceAll(found -> found.group(1) + quoted(found.group(2)));
  }

  // What was JSON stays JSON.
  private static String quoted(String value) {
    return value.startsWith("\"") ? "\"" + MARK + "\"" : MARK;
  }
}
