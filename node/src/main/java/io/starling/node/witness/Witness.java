package io.starling.node.witness;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/// What was last remembered of a store.
///
/// As text it is a line `name=value` for each part, for people too:
///
/// ```
/// format=1
/// cluster=…            whose store this is
/// node=…
/// written=…            when
/// clean=false          whether the node had stopped cleanly then
/// host=… device=… inode=… born=…   each on a line: where the store is
/// space.main.own=…     this node's last batch in the space: replica, seq, chain hash
/// space.main.token=…   what was applied, durably
/// ```
///
/// @param cluster whose spaces these are
/// @param node whose store
/// @param written when
/// @param isClean whether nothing was written to the store after this
/// @param place where the store was
/// @param spaces how far each space was, by name
record Witness(
    String cluster,
    String node,
    Instant written,
    boolean isClean,
    StorePlace place,
    SortedMap<String, Mark> spaces) {

  /// The version this code writes, and the newest it reads.
  static final int FORMAT = 1;

  private static final String SPACE = "space.";
  private static final String OWN = ".own";
  private static final String TOKEN = ".token";

  /// How far a space was.
  ///
  /// @param own this node's last batch, for people: replica, seq and chain hash; empty if there was
  ///   none
  /// @param token all that was applied
  record Mark(String own, Token token) {}

  Witness {
    spaces = Collections.unmodifiableSortedMap(new TreeMap<>(spaces));
  }

  static Witness of(
      ClusterId cluster,
      KeyFingerprint node,
      Instant now,
      boolean isClean,
      StorePlace place,
      SortedMap<String, Mark> spaces) {
    return new Witness(cluster.toString(), node.toString(), now, isClean, place, spaces);
  }

  boolean isOf(ClusterId otherCluster, KeyFingerprint otherNode) {
    return cluster.equals(otherCluster.toString()) && node.equals(otherNode.toString());
  }

  /// The same without spaces that are not to be here any more.
  Witness without(Predicate<SpaceId> gone) {
    var left = new TreeMap<>(spaces);
    left.values().removeIf(mark -> gone.test(mark.token().space()));
    return new Witness(cluster, node, written, isClean, place, left);
  }

  String toText() {
    var out = new StringBuilder();
    line(out, "format", Integer.toString(FORMAT));
    line(out, "cluster", cluster);
    line(out, "node", node);
    line(out, "written", written.toString());
    line(out, "clean", Boolean.toString(isClean));
    line(out, "host", place.host());
    line(out, "device", place.device());
    line(out, "inode", place.inode());
    line(out, "born", place.born());
    spaces.forEach((name, mark) -> {
      line(out, SPACE + name + OWN, mark.own());
      line(out, SPACE + name + TOKEN, mark.token().toText());
    });
    return out.toString();
  }

  /// The format that a text says it has.
  ///
  /// @throws MalformedException if it names none
  static int format(String text) throws MalformedException {
    try {
      return Integer.parseInt(fields(text).getOrDefault("format", ""));
    } catch (NumberFormatException none) {
      throw new MalformedException("it does not name a format", none);
    }
  }

  /// Reads a text of this format. Fields that are not known are passed over.
  static Witness parse(String text) throws MalformedException {
    var fields = fields(text);
    var spaces = new TreeMap<String, Mark>();
    for (var entry : fields.entrySet()) {
      var name = entry.getKey();
      boolean isToken = name.startsWith(SPACE) && name.endsWith(TOKEN);
      if (isToken && name.length() > SPACE.length() + TOKEN.length()) {
        var space = name.substring(SPACE.length(), name.length() - TOKEN.length());
        var own = fields.getOrDefault(SPACE + space + OWN, "");
        spaces.put(space, new Mark(own, token(entry.getValue())));
      }
    }
    return new Witness(
        needed(fields, "cluster"),
        needed(fields, "node"),
        instant(needed(fields, "written")),
        Boolean.parseBoolean(needed(fields, "clean")),
        new StorePlace(
            needed(fields, "host"),
            needed(fields, "device"),
            needed(fields, "inode"),
            needed(fields, "born")),
        spaces);
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append(name).append('=').append(value.replace('\n', ' ')).append('\n');
  }

  private static Map<String, String> fields(String text) {
    var fields = new LinkedHashMap<String, String>();
    text.lines()
        .forEach(line -> {
          int equals = line.indexOf('=');
          if (equals > 0) {
            fields.put(line.substring(0, equals), line.substring(equals + 1));
          }
        });
    return fields;
  }

  private static String needed(Map<String, String> fields, String name) throws MalformedException {
    var value = fields.get(name);
    if (value == null) {
      throw new MalformedException("it has no '" + name + "'");
    }
    return value;
  }

  /// A store's own, of as many heads as it has.
  private static Token token(String text) throws MalformedException {
    try {
      return Token.ofStore(Base64.getUrlDecoder().decode(text));
    } catch (IllegalArgumentException notBase64) {
      throw new MalformedException("a token that is not base64url", notBase64);
    }
  }

  private static Instant instant(String text) throws MalformedException {
    try {
      return Instant.parse(text);
    } catch (DateTimeException broken) {
      throw new MalformedException("'" + text + "' is no time", broken);
    }
  }
}
