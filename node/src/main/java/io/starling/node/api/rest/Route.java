package io.starling.node.api.rest;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What answers a verb at a place.
///
/// @param template path segments, `{name}` for one that may be anything, `{name...}` at the end for
///   all that follows
/// @param need who may call it
public record Route(Verb verb, String template, Need need, Endpoint endpoint) {

  /// Answers a call. Runs on a virtual thread and may block.
  @FunctionalInterface
  public interface Endpoint {
    Answer answer(Call call) throws Problem, InterruptedException;
  }

  /// Who may call a route. Spaces have their say too, in the endpoints.
  public enum Need {
    NOBODY,
    /// Nobody on a loopback address; elsewhere a reader.
    NOBODY_NEARBY,
    READER,
    WRITER,
    ADMIN
  }

  /// What stands in the place of the placeholders, if the path is of this route's form.
  Optional<SortedMap<String, String>> match(String path) throws Problem {
    var names = new TreeMap<String, String>();
    var wanted = List.of(template.split("/", -1));
    int at = 1;
    for (int i = 1; i < wanted.size(); i++) {
      var segment = wanted.get(i);
      int end = path.indexOf('/', at);
      boolean isRest = segment.endsWith("...}");
      if (end < 0 || isRest) {
        end = path.length();
      }
      if (at > path.length()) {
        return Optional.empty();
      }
      var given = path.substring(at, end);
      if (segment.startsWith("{")) {
        int name = segment.length() - (isRest ? 4 : 1);
        names.put(segment.substring(1, name), Target.decode(given));
      } else if (!segment.equals(given)) {
        return Optional.empty();
      }
      at = end + 1;
    }
    return at == path.length() + 1 ? Optional.of(names) : Optional.empty();
  }
}
