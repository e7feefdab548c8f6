package io.starling.node.api.rest;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Where a request goes: a path, still percent-encoded, and the parameters behind it.
///
/// Nothing is normalized: `..` and `//` may stand in keys and mean themselves.
///
/// @param path begins with `/`
/// @param parameters by name, in the order given
public record Target(String path, SortedMap<String, List<String>> parameters) {

  public Target {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /// The target of a request line.
  public static Target parse(String uri) throws Problem {
    int query = uri.indexOf('?');
    var path = query < 0 ? uri : uri.substring(0, query);
    if (!path.startsWith("/")) {
      throw Problem.malformed("The request's target must be a path that begins with '/'.");
    }
    return new Target(path, query < 0 ? new TreeMap<>() : parameters(uri.substring(query + 1)));
  }

  /// Text without its percent-encoding; must be UTF-8.
  static String decode(String encoded) throws Problem {
    byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
    var out = ByteBuffer.allocate(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != '%') {
        out.put(bytes[i]);
        continue;
      }
      if (i + 2 >= bytes.length
          || !HexFormat.isHexDigit(bytes[i + 1])
          || !HexFormat.isHexDigit(bytes[i + 2])) {
        throw Problem.malformed("A '%' in the address must be followed by two hex digits.");
      }
      out.put(
          (byte)
              (HexFormat.fromHexDigit(bytes[i + 1]) << 4 | HexFormat.fromHexDigit(bytes[i + 2])));
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(out.flip()).toString();
    } catch (CharacterCodingException notText) {
      throw Problem.malformed("The address is not UTF-8 where its percent-encoding is undone.");
    }
  }

  private static SortedMap<String, List<String>> parameters(String query) throws Problem {
    var parameters = new TreeMap<String, List<String>>();
    for (var part : query.split("&", -1)) {
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      var name = decode(plus(equals < 0 ? part : part.substring(0, equals)));
      var value = equals < 0 ? "" : decode(plus(part.substring(equals + 1)));
      parameters.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }
    return parameters;
  }

  private static String plus(String text) {
    return text.replace('+', ' ');
  }
}
