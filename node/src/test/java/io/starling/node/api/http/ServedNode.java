package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.access.Access;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.api.rest.RestApi;
import io.starling.node.lab.LabDesk;
import io.starling.node.logging.LogLevels;
import io.starling.node.memory.MemorySpaces;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.node.tracing.Tracing;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A node's HTTP port over spaces in memory, and a client for it.
final class ServedNode implements AutoCloseable {

  static final String READER = "st_reader_secret";
  static final String WRITER = "st_writer_secret";
  static final String ADMIN = "st_admin_secret";
  static final String NOBODY = "";
  static final String LINK = "single-use";

  final MemorySpaces spaces = new MemorySpaces();
  final ConcurrentHashMap<String, Principal> tokens = new ConcurrentHashMap<>();
  final ConcurrentHashMap<String, Principal> links = new ConcurrentHashMap<>();
  final List<String> astray = new CopyOnWriteArrayList<>();
  final HttpApi api;
  private final HttpClient client = HttpClient.newHttpClient();

  ServedNode() throws IOException, InterruptedException {
    this(HttpLimits.DEFAULT);
  }

  ServedNode(HttpLimits limits) throws IOException, InterruptedException {
    for (var role : Role.values()) {
      tokens.put("st_" + role.label() + "_secret", new Principal("token:" + role.label(), role));
    }
    links.put(LINK, new Principal("link:admin", Role.ADMIN));
    Access access = token -> onVirtualThread(Optional.ofNullable(tokens.get(token)));
    var node =
        new RestApi.Node(
            new ClusterId(1, 1),
            spaces.status().node().id().toString(),
            checked(Spaces.class, spaces),
            spaces,
            access,
            code -> onVirtualThread(Optional.ofNullable(links.remove(code))),
            new LogLevels(),
            Optional.empty(),
            spaces,
            Optional.empty(),
            new LabDesk(InstantSource.system()),
            () -> "starling_up 1\n");
    api =
        HttpApi.start(
            HttpSettings.loopback(0),
            node,
            (_, _, _, _) -> {},
            Tracing.off(),
            InstantSource.system(),
            limits);
  }

  // Nothing that may block happens on an event loop: every use of the node is checked.
  private <T> T checked(Class<T> type, T target) {
    InvocationHandler handler =
        (_, method, arguments) -> {
          try {
            var answer = onVirtualThread(method.invoke(target, arguments));
            return answer instanceof Optional<?> found && found.orElse(null) instanceof Space space
                ? Optional.of(checked(Space.class, space))
                : answer;
          } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
          }
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private <T> T onVirtualThread(T value) {
    if (!Thread.currentThread().isVirtual()) {
      astray.add(Thread.currentThread().getName());
    }
    return value;
  }

  String origin() {
    return "http://127.0.0.1:" + api.port();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(origin() + path));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /// A call as the bearer of a token, or as nobody; with a JSON body, or none if that is empty.
  HttpResponse<String> call(String token, String method, String path, String body)
      throws IOException, InterruptedException {
    return send(prepare(token, method, path, body));
  }

  /// Writes a key; for a thread of its own.
  void quietly(String token, String path, String body) {
    try {
      call(token, "PUT", path, body);
    } catch (IOException | InterruptedException failed) {
      throw new AssertionError(failed);
    }
  }

  HttpRequest.Builder prepare(String token, String method, String path, String body) {
    var publisher = body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
    var request = request(path).method(method, publisher);
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return request;
  }

  @Override
  public void close() {
    client.close();
    api.close();
    assertThat(astray).as("threads that should have been virtual").isEmpty();
  }
}
