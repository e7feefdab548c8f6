package io.starling.node.cli.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.cli.RunningNode;
import io.starling.node.cli.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bundles of a cluster that has secrets wherever secrets may be.
final class SupportBundleCommandTest {

  private static final String SECRET = "HUSHHUSHHUSH";

  @TempDir private static Path directory;
  private static RunningNode node;

  @TempDir private Path own;
  private Path bundle;

  @BeforeAll
  static void start() throws Exception {
    node = new RunningNode(directory.resolve("data"));
  }

  @BeforeEach
  void name() {
    bundle = own.resolve("bundle.zip");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private Shell.Result make(String... more) {
    var words = new ArrayList<>(List.of("support-bundle", "--out", bundle.toString()));
    words.addAll(List.of("--data", node.data()));
    words.addAll(List.of(more));
    return Shell.bare().with("STARLING_SECRET_THING", SECRET).execute(words.toArray(String[]::new));
  }

  private TreeMap<String, String> contents() throws IOException {
    var contents = new TreeMap<String, String>();
    try (var zip = new ZipFile(bundle.toFile())) {
      for (var entry : zip.stream().toList()) {
        try (var in = zip.getInputStream(entry)) {
          contents.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    }
    return contents;
  }

  private static void append(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void itHoldsWhatHelps() throws Exception {
    append(node.stopped().log(), "");
    append(node.first().log(), "2026-01-01 WARN  Dialler: a line of the log\n");

    var said = make().orFail();

    assertThat(said).startsWith(bundle.toString()).contains("doctor.json", "left out");
    assertThat(Files.getPosixFilePermissions(bundle))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    var contents = contents();
    assertThat(contents)
        .containsOnlyKeys(
            "host.json",
            "status.json",
            "doctor.json",
            "nodes/node-1/status.json",
            "nodes/node-1/metrics.txt",
            "nodes/node-1/node.yaml",
            "nodes/node-1/log.txt",
            "nodes/node-1/files.txt",
            "nodes/node-2/log.txt",
            "nodes/node-2/silent.txt",
            "nodes/node-2/node.yaml",
            "nodes/node-2/files.txt");
    assertThat(contents.get("host.json")).contains("\"java\":", "\"version\":");
    assertThat(contents.get("nodes/node-1/metrics.txt")).contains("starling_space_cells");
    assertThat(contents.get("nodes/node-1/status.json")).contains("\"versionVector\"");
    assertThat(contents.get("nodes/node-1/node.yaml")).contains("name: node-1");
    assertThat(contents.get("nodes/node-1/log.txt")).contains("a line of the log");
    assertThat(contents.get("nodes/node-1/files.txt")).contains("bytes in all", "identity/");
    assertThat(contents.get("doctor.json")).contains("\"check\":\"certificate\"");
  }

  @Test
  void itHoldsNoSecret() throws Exception {
    // In stored values and keys, through the API.
    Shell.run("set", "k", SECRET, "--data", node.data()).orFail();
    Shell.run("doc", "set", "d", "{\"password\":\"" + SECRET + "\"}", "--data", node.data())
        .orFail();
    // In every file of text that is collected, in many forms.
    var forms =
        List.of(
            "# token: " + SECRET,
            "# http://u:" + SECRET + "@h/ and Bearer " + SECRET,
            "# st_abcdefghijkl_" + SECRET,
            "# sign-in?code=" + SECRET,
            "# -----BEGIN PRIVATE KEY-----\n# " + SECRET + "\n# -----END PRIVATE KEY-----");
    for (var local : node.cluster().nodes()) {
      for (var form : forms) {
        append(local.config(), form + "\n");
        append(local.log(), form.substring(2) + "\n");
      }
      append(local.directory().resolve("notes.txt"), SECRET);
      append(local.identity().resolve("backup-key.pem"), SECRET);
    }

    make().orFail();

    var token = Files.readString(node.cluster().tokenFile()).strip();
    var key = Files.readString(node.first().identity().resolve("node-key.pem")).lines().toList();
    for (var entry : contents().entrySet()) {
      assertThat(entry.getValue())
          .as(entry.getKey())
          .doesNotContain(SECRET)
          .doesNotContain(token)
          .doesNotContain(key.get(1))
          .doesNotContain("-----BEGIN");
    }
    // They were collected, and cleaned.
    assertThat(contents().get("nodes/node-2/log.txt")).contains(Redaction.MARK);
    assertThat(contents().get("nodes/node-2/node.yaml")).contains(Redaction.MARK, "name: node-2");
    assertThat(contents().get("nodes/node-2/files.txt")).contains("notes.txt");
  }

  @Test
  void itIsBoundedAndKeepsTheEndOfALog() throws Exception {
    append(node.first().log(), ("x".repeat(99) + "\n").repeat(50_000) + "the last line\n");
    make("--json").orFail();
    assertThat(contents().get("nodes/node-1/log.txt").length()).isLessThanOrEqualTo(1 << 20);
    assertThat(contents().get("nodes/node-1/log.txt")).endsWith("the last line\n");

    var archive = new Archive(1_000, 30_000);
    for (int i = 0; i < 60; i++) {
      archive.add("entry-" + i, "y ".repeat(1_000));
    }
    assertThat(archive.contents().values()).allMatch(size -> size <= 1_000);
    assertThat(archive.contents().values().stream().mapToInt(size -> size).sum())
        .isBetween(29_000, 30_000);
  }

  @Test
  void aFileThatIsThereIsLeftAlone() throws Exception {
    Files.writeString(bundle, "mine");
    var result = make();
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("is there already").hasLineCount(1);
    assertThat(bundle).hasContent("mine");
  }
}
