package io.starling.node.cli.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.value.Value;
import io.starling.node.cli.RunningNode;
import io.starling.node.cli.Shell;
import io.starling.node.json.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backups of a node that runs, and what comes of them.
final class BackupCommandTest {

  @TempDir private static Path directory;
  private static RunningNode node;

  @BeforeAll
  static void start() throws Exception {
    var key = Files.writeString(directory.resolve("key"), "a passphrase\n");
    node =
        new RunningNode(
            directory.resolve("data"),
            Map.of(
                "STARLING_BACKUP_REPOSITORY",
                repository(),
                "STARLING_BACKUP_KEY_FILE",
                key.toString()));
    assertThat(at("create").err()).contains("there is no repository at");
    backup("init").orFail();
    at("create").orFail();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String repository() {
    return directory.resolve("repository").toString();
  }

  private static Shell.Result run(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--data", node.data()));
    return Shell.at(directory).execute(all.toArray(String[]::new));
  }

  /// A command that talks to the node.
  private static Shell.Result at(String... words) {
    return run(Stream.concat(Stream.of("backup"), Stream.of(words)).toArray(String[]::new));
  }

  /// A command that reads the repository.
  private static Shell.Result backup(String... words) {
    var all = new ArrayList<>(List.of("backup"));
    all.addAll(List.of(words));
    all.addAll(
        List.of("--repository", repository(), "--key-file", directory.resolve("key").toString()));
    return Shell.at(directory).execute(all.toArray(String[]::new));
  }

  private static Shell.Result restore(String... words) {
    var all = new ArrayList<>(List.of("restore", "keys", "latest"));
    all.addAll(List.of(words));
    all.addAll(List.of("--data", node.data()));
    return backup(all.toArray(String[]::new));
  }

  @Test
  void keysAreBroughtBackAsNewWrites() throws Exception {
    run("set", "a/1", "one").orFail();
    run("incr", "a/count", "7").orFail();
    run("add", "a/set", "x", "y").orFail();
    run("doc", "set", "a/doc", "{\"n\":1,\"deep\":{\"er\":2}}").orFail();
    run("set", "b/1", "other").orFail();
    var made = at("create").orFail();
    assertThat(made).contains("is made").contains("added");
    assertThat(backup("list").orFail()).contains("node-1").contains("main");
    assertThat(backup("verify").orFail()).contains("sound");
    assertThat(backup("verify", "latest", "--quick").orFail()).contains("not read");

    run("set", "a/1", "changed").orFail();
    run("incr", "a/count", "5").orFail();
    run("remove", "a/set", "x").orFail();
    run("doc", "merge", "a/doc", "{\"n\":2,\"extra\":true}").orFail();
    run("set", "a/new", "later").orFail();
    run("set", "b/1", "changed too").orFail();

    var plan = restore("--prefix", "a/", "--dry-run").orFail();
    assertThat(plan)
        .contains("would write   a/1\n         set a/1 \"one\"")
        .contains("increment a/count -5")
        .contains("add a/set \"x\"")
        .contains("set a/doc#n 1")
        .contains("kept: a/doc#extra")
        .contains("kept     a/new")
        .contains("nothing was written");
    assertThat(run("get", "a/1").orFail()).contains("changed");

    assertThat(restore("--prefix", "a/").orFail()).contains("4 are written");
    assertThat(run("get", "a/1").orFail()).contains("one");
    assertThat(run("get", "a/count").orFail()).contains("7");
    assertThat(run("get", "a/new").orFail()).contains("later");
    assertThat(run("get", "b/1").orFail()).contains("changed too");
    assertThat(restore("--prefix", "a/").orFail()).contains("0 are written");

    assertThat(restore("--prefix", "a/", "--delete-extra").orFail()).contains("1 removed");
    assertThat(run("get", "a/new").out()).doesNotContain("later");
    assertThat(run("get", "a/doc").orFail()).doesNotContain("extra");
    assertThat(restore("--key", "b/1").orFail()).contains("set b/1 \"other\"");

    run("space", "create", "copy").orFail();
    assertThat(restore("--all", "--into", "copy").orFail()).contains("5 are written");
    assertThat(run("get", "a/doc", "--space", "copy").orFail()).contains("deep");
    var lines = restore("--all", "--into", "copy", "--json").orFail();
    assertThat(lines).contains("\"unchanged\":5");
    assertThat(JsonText.parse(lines.strip())).isInstanceOf(Value.Struct.class);
  }

  @Test
  void aKeyThatIsTooLargeForOneTransactionIsWrittenInSeveral() throws Exception {
    var lines = new StringBuilder();
    for (int i = 0; i < 2_500; i++) {
      lines.append("{\"f").append(i).append("\":").append(i).append("}\n");
    }
    var whole = lines.toString().replace("}\n{", ",").strip();
    run("doc", "set", "large", whole).orFail();
    at("create").orFail();
    run("remove", "large").orFail();
    assertThat(restore("--key", "large").orFail()).contains("1 are written");
    assertThat(run("get", "large", "--json").orFail()).contains("\"f2499\":2499");
    assertThat(restore("--key", "large").orFail()).contains("1 keys read as in the backup already");
  }

  @Test
  void oneBackupAtATime() throws Exception {
    var together = new java.util.concurrent.CountDownLatch(1);
    var results = new java.util.concurrent.ConcurrentLinkedQueue<Shell.Result>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 6; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  together.await();
                  results.add(at("create"));
                } catch (InterruptedException stopped) {
                  throw new AssertionError(stopped);
                }
              }));
    }
    together.countDown();
    for (var thread : threads) {
      thread.join();
    }
    assertThat(results).hasSize(6).anyMatch(it -> it.exit() == 0);
    assertThat(results.stream().filter(it -> it.exit() != 0))
        .allMatch(it -> it.exit() == 1 && it.err().contains("A backup is being made already"));
  }

  @Test
  void whatCannotBeDoneIsSaidOnOneLine() {
    assertThat(restore("--all", "--space", "_system").exit()).isEqualTo(2);
    assertThat(restore("--all", "--space", "none").err()).contains("has no space 'none'");
    assertThat(restore("--all", "--prefix", "a").exit()).isEqualTo(2);
    assertThat(restore().exit()).isEqualTo(2);
    assertThat(backup("verify", "1999").err()).contains("no backup '1999'");
    var wrong = Shell.at(directory).execute("backup", "list", "--repository", repository());
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err()).contains("is encrypted").hasLineCount(1);
    assertThat(Shell.at(directory).execute("backup", "list").exit()).isEqualTo(2);
    assertThat(backup("init").err()).contains("there is a repository").hasLineCount(1);
  }
}
