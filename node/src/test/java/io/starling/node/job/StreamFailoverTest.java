package io.starling.node.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.client.ClientException;
import io.starling.node.client.NodeClient;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.WatchRequest;
import io.starling.replica.request.Mutation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Watchers of each kind whose node is killed in the middle of a stream under writes: each goes on
/// at another node and sees each change once, in causal order.
final class StreamFailoverTest {

  private static final int WRITES = 900;
  private static final int KILL_AT = 300;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private java.nio.file.Path directory;

  /// What a watcher that keeps to the contract has seen: what comes before a token is taken with
  /// it.
  private abstract static class Watcher {
    private final List<Integer> held = new ArrayList<>();
    private final TreeSet<Integer> seen = new TreeSet<>();
    private final Thread thread = Thread.ofVirtual().unstarted(this::run);
    private Optional<String> token = Optional.empty();
    private int breaks;
    private Optional<Throwable> failure = Optional.empty();

    /// Watches until the stream breaks.
    abstract void watch(int node, Optional<String> resume) throws Exception;

    private void run() {
      int node = 1;
      try {
        while (!isDone()) {
          watch(node, token());
          lost();
          node = 2;
        }
      } catch (Exception | AssertionError failed) {
        failed(failed);
      }
    }

    synchronized void change(String key) {
      held.add(Integer.parseInt(key.substring(2)));
    }

    synchronized void upToDate(String at) {
      for (var number : held) {
        assertThat(seen.add(number)).as("%s is told once", number).isTrue();
      }
      held.clear();
      token = Optional.of(at);
      // A cut: who sees a write sees all that came before it.
      assertThat(seen.isEmpty() ? -1 : seen.last()).isEqualTo(seen.size() - 1);
    }

    synchronized boolean isDone() {
      return seen.size() >= WRITES;
    }

    synchronized int seen() {
      return seen.size();
    }

    private synchronized Optional<String> token() {
      return token;
    }

    private synchronized void lost() {
      held.clear();
      breaks++;
    }

    private synchronized void failed(Throwable why) {
      failure = Optional.of(why);
    }

    synchronized void check() {
      failure.ifPresent(why -> {
        throw new AssertionError("a watcher failed", why);
      });
    }
  }

  private static final class OverGrpc extends Watcher {
    private final JobCluster cluster;

    private OverGrpc(JobCluster cluster) {
      this.cluster = cluster;
    }

    @Override
    void watch(int node, Optional<String> resume) throws IOException {
      var request = WatchRequest.newBuilder().setPrefix("k/").setForm(Form.FORM_JSON);
      resume.ifPresentOrElse(
          text -> request.setResume(ByteString.copyFrom(Base64.getUrlDecoder().decode(text))),
          () -> request.setChangesOnly(true));
      try (var client = cluster.client(node)) {
        client.watch(
            request.build(),
            part -> {
              for (var event : part.getEventsList()) {
                if (event.hasChange()) {
                  change(event.getChange().getKey());
                } else if (event.hasUpToDate()) {
                  var token = event.getUpToDate().getToken().toByteArray();
                  upToDate(Base64.getUrlEncoder().withoutPadding().encodeToString(token));
                }
              }
              return !isDone();
            });
      } catch (ClientException broken) {
        // That its node is gone shows so; who watches goes on at another.
        assertThat(isDone()).isFalse();
      }
    }
  }

  private static final class OverSse extends Watcher {
    private final JobCluster cluster;
    private final HttpClient http;

    private OverSse(JobCluster cluster, HttpClient http) {
      this.cluster = cluster;
      this.http = http;
    }

    @Override
    void watch(int node, Optional<String> resume) throws Exception {
      var query = resume.map(text -> "&resume=" + text).orElse("&from=now");
      var address = cluster.http(node) + "/api/v1/spaces/main/watch?prefix=k/" + query;
      var request =
          HttpRequest.newBuilder(URI.create(address))
              .header("Authorization", "Bearer " + cluster.token())
              .build();
      var answer = http.send(request, BodyHandlers.ofInputStream());
      assertThat(answer.statusCode()).isEqualTo(200);
      try (var in =
          new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        var event = "";
        for (var line = in.readLine(); line != null && !isDone(); line = in.readLine()) {
          if (line.startsWith("event: ")) {
            event = line.substring(7);
          } else if (line.startsWith("data: ")) {
            told(this, event, JSON.readTree(line.substring(6)));
          }
        }
      } catch (IOException broken) {
        assertThat(isDone()).isFalse();
      }
    }
  }

  private static final class OverWebSocket extends Watcher {
    private final JobCluster cluster;
    private final HttpClient http;

    private OverWebSocket(JobCluster cluster, HttpClient http) {
      this.cluster = cluster;
      this.http = http;
    }

    @Override
    void watch(int node, Optional<String> resume) throws Exception {
      var over = new CompletableFuture<Void>();
      var listener =
          new WebSocket.Listener() {
            private final StringBuilder text = new StringBuilder();

            @Override
            public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
              text.append(part);
              if (last) {
                take(text.toString());
                text.setLength(0);
              }
              if (isDone()) {
                over.complete(null);
              }
              from.request(1);
              return null;
            }

            private void take(String message) {
              try {
                var json = JSON.readTree(message);
                told(OverWebSocket.this, json.get("event").asText(), json);
              } catch (IOException | AssertionError wrong) {
                over.completeExceptionally(wrong);
              }
            }

            @Override
            public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
              over.complete(null);
              return null;
            }

            @Override
            public void onError(WebSocket from, Throwable broken) {
              over.complete(null);
            }
          };
      var socket =
          http.newWebSocketBuilder()
              .header("Authorization", "Bearer " + cluster.token())
              .buildAsync(
                  URI.create(cluster.http(node).replace("http:", "ws:") + "/api/v1/socket"),
                  listener)
              .get();
      var begin = resume.map(it -> "\"resume\":\"" + it + "\"").orElse("\"from\":\"now\"");
      socket.sendText("{\"id\":1,\"watch\":{\"prefix\":\"k/\"," + begin + "}}", true).get();
      try {
        over.get();
      } finally {
        socket.abort();
      }
    }
  }

  private static void told(Watcher watcher, String event, JsonNode data) {
    switch (event) {
      case "change" -> watcher.change(data.get("key").asText());
      case "up-to-date" -> watcher.upToDate(data.get("token").asText());
      default -> assertThat(event).isIn("ping", "end");
    }
  }

  @Test
  void eachKindOfClientLosesItsNodeAndGoesOnAtAnother() throws Exception {
    try (var cluster = new JobCluster(directory);
        var http = HttpClient.newHttpClient()) {
      cluster.up();
      List<Watcher> watchers =
          List.of(
              new OverGrpc(cluster), new OverSse(cluster, http), new OverWebSocket(cluster, http));
      watchers.forEach(watcher -> watcher.thread.start());
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> watchers.stream().noneMatch(w -> w.token().isEmpty()));
      try (var three = cluster.client(3)) {
        write(three, 0, KILL_AT);
        Awaitility.await()
            .atMost(PATIENCE)
            .until(() -> watchers.stream().allMatch(watcher -> watcher.seen() > KILL_AT / 10));
        var killing = kill(cluster);
        write(three, KILL_AT, WRITES);
        killing.get();
      }
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> {
            watchers.forEach(Watcher::check);
            return watchers.stream().allMatch(Watcher::isDone);
          });
      for (var watcher : watchers) {
        watcher.thread.join(PATIENCE);
        assertThat(watcher.breaks).isGreaterThanOrEqualTo(2);
      }
      http.shutdownNow();
    }
  }

  private static CompletableFuture<Void> kill(JobCluster cluster) {
    return CompletableFuture.runAsync(() -> {
      try {
        cluster.kill(1);
      } catch (IOException | InterruptedException failed) {
        throw new CompletionException(failed);
      }
    });
  }

  // Each write waits for the one before, so each has seen it: the order is causal.
  private static void write(NodeClient client, int from, int to) throws ClientException {
    for (int i = from; i < to; i++) {
      var set = new Mutation.Set(Path.of("k/" + i), new Value.Int(i), ReadRule.LATEST);
      Editor.apply(client, "main", set);
    }
  }
}
