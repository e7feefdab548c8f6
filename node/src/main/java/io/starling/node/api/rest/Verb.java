package io.starling.node.api.rest;

import java.util.Optional;

/// The methods of HTTP that are used here.
public enum Verb {
  GET,
  PUT,
  POST,
  PATCH,
  DELETE;

  /// Whether a request with it may change something.
  public boolean changes() {
    return this != GET;
  }

  /// The verb of a method's name; HEAD asks as GET does.
  public static Optional<Verb> of(String method) {
    for (var verb : values()) {
      if (verb.name().equals(method)) {
        return Optional.of(verb);
      }
    }
    return method.equals("HEAD") ? Optional.of(GET) : Optional.empty();
  }
}
