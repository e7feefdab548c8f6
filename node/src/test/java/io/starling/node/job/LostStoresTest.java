package io.starling.node.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.starling.node.client.ClientException;
import io.starling.node.client.Endpoint;
import io.starling.node.client.NodeClient;
import io.starling.node.local.JavaCommand;
import io.starling.node.local.LocalNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What can become of a node's store, on three real nodes: each is recognised, told in one
/// sentence, and healed, and nothing is lost that any member holds.
final class LostStoresTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int WRITES = 60;
  private static final int NODE = 2;

  @TempDir private Path directory;
  private final List<String> acknowledged = new ArrayList<>();

  @Test
  void aKilledASetBackALostAndACopiedStoreAreToldAndHealed() throws Exception {
    var data = directory.resolve("data");
    try (var cluster = new JobCluster(data)) {
      cluster.up();
      var home = data.resolve("node-" + NODE);
      killedUnderLoad(cluster, home);
      setBack(cluster, home);
      lost(cluster, home);
      copied(cluster, home);
    }
  }

  private void killedUnderLoad(JobCluster cluster, Path home) throws Exception {
    var before = incarnation(cluster);
    try (var client = cluster.client(NODE)) {
      for (int i = 0; i < WRITES; i++) {
        put(client, "killed/" + i);
      }
      // Writes are under way when it goes.
      var writing = Thread.ofVirtual().start(() -> writeOn(client));
      cluster.kill(NODE);
      writing.join();
    }
    cluster.up();
    everythingIsThere(cluster);
    assertThat(Files.readString(home.resolve("node.log")))
        .contains("the last run ended without a clean stop");
    assertThat(cluster.run("status")).doesNotContain("ALARM");
    try (var client = cluster.client(NODE)) {
      put(client, "after the kill");
    }
    cluster.awaitAgreement("main", PATIENCE);
    var after = incarnation(cluster);
    assertThat(after).isNotEqualTo(before);
    assertThat(vector(cluster)).as("the old one is closed").doesNotContain(before).contains(after);
  }

  private void writeOn(NodeClient client) {
    try {
      for (int i = 0; ; i++) {
        put(client, "under-way/" + i);
      }
    } catch (ClientException gone) {
      // The one that was killed; what it did not answer may be there or not.
    }
  }

  private void setBack(JobCluster cluster, Path home) throws Exception {
    cluster.kill(NODE);
    var aside = directory.resolve("aside");
    copy(home.resolve("store"), aside);
    cluster.up();
    try (var client = cluster.client(NODE)) {
      put(client, "not in the copy");
    }
    cluster.awaitAgreement("main", PATIENCE);
    // A clean stop is witnessed.
    cluster.stop(NODE);
    delete(home.resolve("store"));
    copy(aside, home.resolve("store"));
    cluster.up();
    assertThat(cluster.run("status"))
        .contains("ALARM STORE_SET_BACK in _system (1×): the store is older than it was at")
        .contains("an older copy was put in its place");
    assertThat(rest(cluster)).contains("\"store-set-back\"", "an older copy was put in its place");
    cluster.awaitAgreement("main", PATIENCE);
    everythingIsThere(cluster);
  }

  private void lost(JobCluster cluster, Path home) throws Exception {
    cluster.kill(NODE);
    delete(home.resolve("store"));
    cluster.up();
    assertThat(cluster.run("status"))
        .contains("ALARM STORE_LOST in _system (1×): the store is empty")
        .contains("the key was kept");
    assertThat(rest(cluster)).contains("\"store-lost\"");
    cluster.awaitAgreement("main", PATIENCE);
    everythingIsThere(cluster);
    try (var client = cluster.client(NODE)) {
      put(client, "after the loss");
    }
    cluster.awaitAgreement("main", PATIENCE);
  }

  private void copied(JobCluster cluster, Path home) throws Exception {
    var place = directory.resolve("copy");
    copy(home, place);
    var process = startCopy(place);
    try {
      var said = place.resolve("copy.out");
      await().atMost(PATIENCE).until(() -> ready(said).isPresent());
      var ready = new ObjectMapper().readTree(ready(said).orElseThrow());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(cluster.run("status").lines())
                  .filteredOn(line -> line.contains("ALARM KEY_IN_TWO_PLACES"))
                  .as("both other members say so")
                  .hasSizeGreaterThanOrEqualTo(2)
                  .allMatch(line -> line.contains("run with the key of node-2 (")));
      var port = Integer.parseInt(ready.get("grpc").asText().replaceFirst(".*:", ""));
      var authority = Optional.of(cluster.certificate());
      try (var original = cluster.client(NODE);
          var copy =
              NodeClient.open(new Endpoint(LocalNode.HOST, port, authority, cluster.token()))) {
        for (int i = 0; i < 10; i++) {
          put(original, "original/" + i);
          put(copy, "copy/" + i);
        }
      }
      // What the copy acknowledged is with a member before it is stopped.
      try (var other = cluster.client(1)) {
        await().atMost(PATIENCE).until(() -> holds(other, "copy/9"));
      }
    } finally {
      process.destroy();
      process.waitFor();
    }
    assertThat(Files.readString(place.resolve("copy.out"))).contains("STORE_COPIED");
    cluster.awaitAgreement("main", PATIENCE);
    everythingIsThere(cluster);
    try (var original = cluster.client(NODE)) {
      put(original, "after the copy");
    }
    cluster.awaitAgreement("main", PATIENCE);
  }

  private static Process startCopy(Path place) throws IOException {
    var command =
        JavaCommand.of(
            "io.starling.node.cli.Main",
            "node",
            "run",
            "--json",
            "--config",
            place.resolve("node.yaml").toString());
    var builder = JavaCommand.process(command);
    for (var listen : List.of("HTTP", "GRPC", "PEER")) {
      builder.environment().put("STARLING_LISTEN_" + listen, LocalNode.HOST + ":0");
    }
    builder.redirectErrorStream(true).redirectOutput(place.resolve("copy.out").toFile());
    return builder.start();
  }

  private static Optional<String> ready(Path said) throws IOException {
    try (var lines = Files.lines(said)) {
      return lines.filter(line -> line.startsWith("{")).findFirst();
    }
  }

  private void put(NodeClient client, String key) throws ClientException {
    Editor.put(client, key, key);
    acknowledged.add(key);
  }

  private void everythingIsThere(JobCluster cluster) throws Exception {
    for (int number = 1; number <= 3; number++) {
      try (var client = cluster.client(number)) {
        await().atMost(PATIENCE).until(() -> holdsAll(client));
      }
    }
  }

  private boolean holdsAll(NodeClient client) throws ClientException {
    for (var key : acknowledged) {
      if (!holds(client, key)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(NodeClient client, String key) throws ClientException {
    return Editor.get(client, key).equals("\"" + key + "\"");
  }

  private static String vector(JobCluster cluster) throws IOException {
    return cluster.summaries("main").getFirst();
  }

  /// The present incarnation of the node in `main`, by its own status.
  private static String incarnation(JobCluster cluster) throws Exception {
    var spaces = new ObjectMapper().readTree(rest(cluster)).get("spaces");
    for (var space : spaces) {
      if (space.get("name").asText().equals("main")) {
        return space.get("self").asText();
      }
    }
    throw new AssertionError("no main in " + spaces);
  }

  private static String rest(JobCluster cluster) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(cluster.http(NODE) + "/api/v1/status"))
            .header("Authorization", "Bearer " + cluster.token())
            .build();
    try (var http = HttpClient.newHttpClient()) {
      return http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8)).body();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
