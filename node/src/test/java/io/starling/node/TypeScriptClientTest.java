package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.access.TokenFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The TypeScript client in Node.js, before three nodes in this process.
final class TypeScriptClientTest {

  private static final Path WEB_UI = Path.of("..", "web-ui").toAbsolutePath().normalize();
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");

  @TempDir private Path directory;

  @Test
  @Timeout(120)
  void theExampleOfThePagePrintsWhatIsShownAndAWatchSurvivesItsNode() throws Exception {
    var cluster = new TestCluster(directory);
    var first = cluster.join("node-1", List.of());
    var token = TokenFile.create(first).text();
    try (var one = TestCluster.start(first)) {
      var peer = one.status().node().addresses().peer();
      var second = cluster.join("node-2", List.of(peer));
      try (var two = TestCluster.start(second)) {
        var third = cluster.join("node-3", List.of(peer, two.status().node().addresses().peer()));
        try (var three = TestCluster.start(third)) {
          var nodes = Stream.of(one, two, three).map(TypeScriptClientTest::url).toList();
          runExample(nodes, token);
          surviveTheFirst(one, nodes, token);
        }
      }
    }
  }

  private void runExample(List<String> nodes, String token) throws Exception {
    var page = Files.readString(Path.of("..", "docs", "typescript-client.md"));
    var blocks = new ArrayList<String>();
    for (var block = BLOCK.matcher(page); block.find(); ) {
      blocks.add(block.group(2));
    }
    assertThat(blocks).hasSize(2);
    assertThat(blocks.getFirst().lines()).hasSizeLessThanOrEqualTo(22);
    var project = Files.createDirectory(directory.resolve("project"));
    Files.createDirectory(project.resolve("node_modules"));
    Files.createSymbolicLink(
        project.resolve("node_modules").resolve("starling-client"),
        WEB_UI.resolve("target/client"));
    var example = Files.writeString(project.resolve("example.mjs"), blocks.getFirst());
    var process = start(example, Map.of("NODES", String.join(",", nodes), "TOKEN", token));
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).isEqualTo(blocks.getLast());
  }

  private static void surviveTheFirst(Node first, List<String> nodes, String token)
      throws Exception {
    var given =
        "{\"token\":\"%s\",\"nodes\":[%s]}"
            .formatted(
                token,
                nodes.stream().map("{\"url\":\"%s\"}"::formatted).collect(Collectors.joining(",")));
    var process = start(WEB_UI.resolve("e2e/failover.mjs"), Map.of("STARLING_E2E", given));
    var said = new ArrayList<String>();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(line);
        if (line.equals("STOP")) {
          first.close();
        }
      }
    }
    assertThat(process.waitFor()).as(() -> String.join("\n", said)).isZero();
    assertThat(said).containsExactly("STOP", "each change once, in order, on two nodes");
  }

  private static Process start(Path script, Map<String, String> environment) throws IOException {
    var builder = new ProcessBuilder("node", script.toString()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String url(Node node) {
    return "http://" + node.status().node().addresses().http();
  }
}
