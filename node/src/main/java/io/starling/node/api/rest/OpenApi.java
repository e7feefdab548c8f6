package io.starling.node.api.rest;

import java.io.IOException;
import java.io.UncheckedIOException;

/// The description of this API for programs: OpenAPI 3.1. A test holds it to the routes.
final class OpenApi {

  private static final byte[] DOCUMENT = load();

  private OpenApi() {}

  static Answer document() {
    return new Answer.Whole(200, "application/json", DOCUMENT.clone());
  }

  private static byte[] load() {
    try (var in = OpenApi.class.getResourceAsStream("openapi.json")) {
      if (in == null) {
        throw new AssertionError("the jar lacks openapi.json");
      }
      return in.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
