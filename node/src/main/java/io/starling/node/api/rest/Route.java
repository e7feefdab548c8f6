package io.starling.node.api.rest;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What answers a verb at a place.
///
/// @param template path segments, `{name}` for one that may be anything, `{name...}` at the end for
///   all that follows
/// @param need who may call it
/// @param parameters those it knows; a call with another is refused, for a mistyped `field` would
///   otherwise make a removal one of the whole key. Routes for nobody in particular pass over
///   others
public record Route(
    Verb verb, String template, Need need, SortedSet<String> parameters, Endpoint endpoint) {

  /// @param parameters separated by spaces
  Route(Verb verb, String template, Need need, String parameters, Endpoint endpoint) {
    this(verb, template, need, words(parameters), endpoint);
  }

  /// Without parameters.
  Route(Verb verb, String template, Need need, Endpoint endpoint) {
    this(verb, template, need, "", endpoint);
  }

  private static SortedSet<String> words(String text) {
    return text.isEmpty() ? new TreeSet<>() : new TreeSet<>(List.of(text.split(" ")));
  }

  /// Most bytes of a body.
  public static final int BODY_BYTES_MAX = 1024 * 1024;

  // Of a body from whomever; a bearer token and what is around it.
  private static final int STRANGERS_BODY_BYTES_MAX = 4 * 1024;

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

  /// Refuses parameters that mean nothing here.
  void requireKnown(Target target) throws Problem {
    if (need == Need.NOBODY || need == Need.NOBODY_NEARBY) {
      return;
    }
    for (var name : target.parameters().keySet()) {
      if (!parameters.contains(name)) {
        throw Problem.malformed(
            "The parameter '%s' is not known here; %s."
                .formatted(
                    name,
                    parameters.isEmpty()
                        ? "there are none"
                        : "known are " + String.join(", ", parameters)));
      }
    }
  }

  /// Most bytes of a body.
  public int bodyBytesMax() {
    return need == Need.NOBODY ? STRANGERS_BODY_BYTES_MAX : BODY_BYTES_MAX;
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
