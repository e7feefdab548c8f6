package io.starling.node.api.http;

import io.vertx.core.http.HttpServerResponse;

/// The headers that keep browsers from doing more with an answer than was meant.
final class Headers {

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none';"
          + " form-action 'self'";

  private static final String TRANSPORT = "max-age=31536000";

  private Headers() {}

  static void secure(HttpServerResponse response, boolean isSecure) {
    response
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin")
        .putHeader("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    if (isSecure) {
      response.putHeader("Strict-Transport-Security", TRANSPORT);
    }
  }
}
