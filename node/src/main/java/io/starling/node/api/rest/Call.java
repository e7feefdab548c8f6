package io.starling.node.api.rest;

import io.starling.node.access.Principal;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A request, as far as an endpoint is concerned.
///
/// @param target where it goes
/// @param names what stands in the place of the route's placeholders, decoded
/// @param headers by lower-case name
/// @param principal who asks; empty where the route asks for nobody
public record Call(
    Target target,
    SortedMap<String, String> names,
    SortedMap<String, String> headers,
    Optional<Principal> principal,
    byte[] body) {

  public Call {
    names = Collections.unmodifiableSortedMap(new TreeMap<>(names));
    headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
  }

  /// Who asks.
  Principal who() throws Problem {
    return principal.orElseThrow(() ->
        Problem.of(
            Problem.Kind.UNAUTHENTICATED,
            "Send 'Authorization: Bearer st_…' with a token of this cluster, or sign in."));
  }

  /// What stands in the place of a placeholder of the route.
  String name(String placeholder) {
    var name = names.get(placeholder);
    if (name == null) {
      throw new AssertionError("the route has no placeholder " + placeholder);
    }
    return name;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /// A parameter that may be given once.
  Optional<String> parameter(String name) throws Problem {
    var values = parameters(name);
    if (values.size() > 1) {
      throw Problem.malformed("The parameter '" + name + "' is given twice.");
    }
    return values.stream().findFirst();
  }

  /// A parameter that may be repeated.
  List<String> parameters(String name) {
    return target.parameters().getOrDefault(name, List.of());
  }

  /// A parameter that is a whole number from 1 to a maximum.
  int number(String name, int otherwise, int max) throws Problem {
    var text = parameter(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= 1 && number <= max) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Told below, as a number out of range is.
    }
    throw Problem.malformed(
        "The parameter '" + name + "' must be a whole number from 1 to " + max + ".");
  }

  /// A parameter that is one of two words.
  boolean flag(String name) throws Problem {
    return switch (parameter(name).orElse("false")) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw Problem.malformed("The parameter '" + name + "' must be true or false.");
    };
  }
}
