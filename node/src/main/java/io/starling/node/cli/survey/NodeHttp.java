package io.starling.node.cli.survey;

import io.starling.node.client.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a node serves over HTTP: meters, and its clock. The token is sent over TLS, or to this
/// machine.
public final class NodeHttp {

  /// Longest answer that is taken.
  public static final int BYTES_MAX = 4 << 20;

  private static final int DONE = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private NodeHttp() {}

  /// An answer, of whatever status.
  public record Answered(int status, String body) {}

  /// The answer to a GET; empty if the node has no HTTP, or refuses.
  public static Optional<String> get(NodeReport node, String path) throws InterruptedException {
    return send(node, "GET", path, Optional.empty())
        .filter(answered -> answered.status() == DONE)
        .map(Answered::body);
  }

  /// The answer to a request; empty if there is none.
  ///
  /// @param json a body
  public static Optional<Answered> send(
      NodeReport node, String method, String path, Optional<String> json)
      throws InterruptedException {
    var body =
        json.map(HttpRequest.BodyPublishers::ofString)
            .orElseGet(HttpRequest.BodyPublishers::noBody);
    for (var base : bases(node)) {
      try (var client = client(node.target().endpoint())) {
        var request =
            HttpRequest.newBuilder(URI.create(base + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + node.target().endpoint().token())
                .header("Content-Type", "application/json")
                .method(method, body)
                .build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (var said = answer.body()) {
          var text = new String(said.readNBytes(BYTES_MAX), StandardCharsets.UTF_8);
          return Optional.of(new Answered(answer.statusCode(), text));
        }
      } catch (IOException | UncheckedIOException silent) {
        // The other way may do.
      } catch (IllegalArgumentException foreign) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static HttpClient client(Endpoint endpoint) throws IOException {
    var client = HttpClient.newBuilder().connectTimeout(PATIENCE);
    if (endpoint.authority().isPresent()) {
      client.sslContext(Tls.trusting(endpoint.authority().get()).context());
    }
    return client.build();
  }

  private static List<String> bases(NodeReport node) {
    var http = node.http();
    int colon = http.lastIndexOf(':');
    if (colon < 0) {
      return List.of();
    }
    // A node that listens everywhere is reached where its gRPC was.
    var listens = http.substring(0, colon);
    var host = isEverywhere(listens) ? node.target().endpoint().host() : listens;
    var at = (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host);
    var authority = at + http.substring(colon);
    return isNear(host)
        ? List.of("http://" + authority, "https://" + authority)
        : List.of("https://" + authority);
  }

  private static boolean isEverywhere(String host) {
    return host.equals("0.0.0.0")
        || host.equals("::")
        || host.equals("[::]")
        || host.equals("0:0:0:0:0:0:0:0");
  }

  private static boolean isNear(String host) {
    try {
      return InetAddress.getByName(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      return false;
    }
  }
}
