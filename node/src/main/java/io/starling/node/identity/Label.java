package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import java.util.regex.Pattern;

/// The name of a cluster, node or site, as it stands in certificates, logs and pages.
///
/// So narrow that it needs no escaping anywhere.
final class Label {

  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  private Label() {}

  static String checked(String what, String text) throws IdentityException {
    if (!FORM.matcher(text).matches()) {
      throw new IdentityException(
          Reason.MALFORMED,
          "'"
              + text
              + "' is no name for a "
              + what
              + ": 1 to 63 of A-Z a-z 0-9 . _ -, beginning with a letter or digit");
    }
    return text;
  }
}
