package io.starling.node.api.rest;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Which names this node answers to, and which pages may act for a signed-in browser.
///
/// A page of another site can make a browser send requests here: by a name that resolves to this
/// machine (DNS rebinding), or across sites (CSRF). The first is met by answering only to names we
/// know and to addresses, which nobody can rebind; the second by asking for the origin of whatever
/// changes something in a browser's name.
public final class Origins {

  private final Set<String> names;
  private final String scheme;

  /// @param names beyond `localhost` and addresses
  /// @param isSecure whether TLS is spoken
  public Origins(Set<String> names, boolean isSecure) {
    this.names = new TreeSet<>(names);
    this.scheme = isSecure ? "https://" : "http://";
  }

  /// Refuses a request that was meant for another host.
  void requireHost(Request request) throws Problem {
    var host = request.header("host").orElse("").toLowerCase(Locale.ROOT);
    var name = host.replaceFirst(":[0-9]{1,5}$", "");
    boolean isKnown =
        name.equals("localhost")
            || name.endsWith(".localhost")
            || name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+]")
            || names.contains(name);
    if (!isKnown) {
      throw Problem.of(
          Problem.Kind.FOREIGN_HOST,
          "This node does not answer to the name in the Host header. Use its address, or localhost,"
              + " or have an operator add the name to the configuration.");
    }
  }

  /// Refuses what a page of another origin would have changed.
  void requireOwnOrigin(Request request) throws Problem {
    var own = scheme + request.header("host").orElse("");
    if (!request.header("origin").orElse("").equalsIgnoreCase(own)) {
      throw Problem.of(
          Problem.Kind.FORBIDDEN,
          "A browser session may change things only from this node's own pages. Other clients send"
              + " 'Authorization: Bearer …' instead of a cookie.");
    }
  }
}
