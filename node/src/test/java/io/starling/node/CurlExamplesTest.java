package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.access.TokenFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of `docs/curl.md`, run as they stand, print what stands below them.
final class CurlExamplesTest {

  private static final Pattern BLOCK = Pattern.compile("(?s)```(sh|json|)\\n(.*?)```");

  @TempDir private Path directory;

  /// A block and what it prints; nothing where nothing is shown.
  private record Example(String commands, String prints) {}

  @Test
  void theExamplesPrintWhatIsShown() throws Exception {
    var home = new TestCluster(directory).join("n1", List.of());
    var token = TokenFile.create(home).text();
    try (var node = TestCluster.start(home)) {
      var api = "http://" + node.status().node().addresses().http() + "/api/v1";
      var before = new StringBuilder();
      for (var example : examples()) {
        if (example.prints().isEmpty()) {
          before.append(example.commands());
          continue;
        }
        var said = run(before + example.commands(), api, token);
        assertThat(said).as(example.commands()).matches(expected(example.prints()));
      }
    }
  }

  private static List<Example> examples() throws Exception {
    var text = Files.readString(Path.of("../docs/curl.md"));
    var examples = new ArrayList<Example>();
    var commands = "";
    for (var block = BLOCK.matcher(text); block.find(); ) {
      if (block.group(1).equals("sh")) {
        if (!commands.isEmpty()) {
          examples.add(new Example(commands, ""));
        }
        commands = block.group(2);
      } else {
        examples.add(new Example(commands, block.group(2)));
        commands = "";
      }
    }
    assertThat(examples).hasSizeGreaterThan(10);
    return examples;
  }

  // Answers end without a line feed; two in a row are one line.
  private static Pattern expected(String prints) {
    var regex = new StringBuilder();
    for (var part : prints.strip().split("…", -1)) {
      regex.append(regex.isEmpty() ? "" : ".*?").append(Pattern.quote(part));
    }
    var loose = regex.toString().replace("\n", "\\E\\s*\\Q");
    return Pattern.compile(loose + "\\s*", Pattern.DOTALL);
  }

  private static String run(String script, String api, String token) throws Exception {
    var builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script);
    builder.environment().put("API", api);
    builder.environment().put("TOKEN", token);
    var process = builder.redirectErrorStream(true).start();
    var said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(script + "\nsaid: " + said).isZero();
    return said;
  }
}
