package io.starling.node.cli.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.backup.BackupRun;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.s3.S3Server;
import io.starling.node.cli.Main;
import io.starling.node.cli.RunningNode;
import io.starling.node.cli.Shell;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.request.Mutation;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands of backups where the repository is a bucket.
final class S3CommandTest {

  @TempDir private static java.nio.file.Path directory;
  private static S3Server server;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.shared();
  }

  private static Shell shell() {
    var shell = Shell.at(directory);
    for (var variable : server.environment().entrySet()) {
      shell = shell.with(variable.getKey(), variable.getValue());
    }
    return shell;
  }

  private static Shell.Result backup(Shell shell, String location, String... words) {
    var all = new ArrayList<>(List.of("backup"));
    all.addAll(List.of(words));
    all.addAll(List.of("--repository", location, "--s3-endpoint", server.endpoint().toString()));
    return shell.execute(all.toArray(String[]::new));
  }

  private static void make(String location) throws Exception {
    var store = new MemoryStore();
    try (var node = new TestNode(store);
        var repository =
            Repository.open(server.blobs(location), Optional.empty(), InstantSource.system())) {
      var set = new Mutation.Set(Path.of("a/1"), new Value.Text("of S3"), ReadRule.LATEST);
      TestNode.write(node.main(), set);
      TestNode.write(node.main(), new Mutation.Increment(Path.of("a/count"), 7));
      var source = new Manifest.Source(TestNode.CLUSTER, node.fingerprint(), "n", "test");
      var space = node.main();
      new BackupRun(repository, source, 1L << 40, InstantSource.system())
          .make(() ->
              List.of(
                  new BackupRun.Subject(
                      space.name(), space.id(), store.space(space.id()).snapshot())));
    }
  }

  @Test
  void allThatADirectoryDoesABucketDoes() throws Exception {
    var location = "s3://" + server.bucket() + "/starling";
    assertThat(backup(shell(), location, "list").err())
        .contains("there is no repository at " + location)
        .hasLineCount(1);
    assertThat(backup(shell(), location, "init").orFail()).contains(location + " is a repository");
    assertThat(backup(shell(), location, "init").err()).contains("already").hasLineCount(1);
    make(location);
    make(location);
    assertThat(backup(shell(), location, "list").orFail()).contains("main");
    assertThat(backup(shell(), location, "verify").orFail()).contains("sound");
    var keep = List.of("prune", "--keep-last", "1").toArray(String[]::new);
    assertThat(backup(shell(), location, keep).orFail()).contains("2 backups stay");
    try (var node = new RunningNode(directory.resolve("data"))) {
      var restored =
          backup(shell(), location, "restore", "keys", "latest", "--all", "--data", node.data());
      assertThat(restored.orFail()).contains("2 are written");
      var read = shell().execute("get", "a/1", "--data", node.data());
      assertThat(read.orFail()).contains("of S3");
    }
  }

  @Test
  void settingsComeFromTheEnvironmentToo() throws Exception {
    var location = "s3://" + server.bucket();
    var shell =
        shell()
            .with("STARLING_BACKUP_REPOSITORY", location)
            .with("STARLING_BACKUP_S3_ENDPOINT", server.endpoint().toString())
            .with("STARLING_BACKUP_S3_REGION", "us-east-1")
            .with("STARLING_BACKUP_S3_PATH_STYLE", "true");
    assertThat(shell.execute("backup", "init").orFail()).contains(location);
    assertThat(shell.execute("backup", "list").exit()).isZero();
  }

  @Test
  void whatIsWrongIsSaidOnOneLine() {
    var nobody = backup(Shell.at(directory), "s3://some-bucket", "list");
    assertThat(nobody.exit()).isEqualTo(1);
    assertThat(nobody.err()).contains("there are no credentials").hasLineCount(1);
    var stranger =
        Shell.at(directory).with("AWS_ACCESS_KEY_ID", "x").with("AWS_SECRET_ACCESS_KEY", "y");
    assertThat(backup(stranger, "s3://some-bucket", "list").err())
        .contains("does not know the access key")
        .hasLineCount(1);
    assertThat(backup(shell(), "s3://no-such-bucket", "init").err())
        .contains("there is no bucket 'no-such-bucket'")
        .hasLineCount(1);
    assertThat(backup(shell(), "s3://?", "list").err()).contains("must name a bucket");
    assertThat(backup(shell(), directory.toString(), "list").exit()).isEqualTo(2);
    var plain =
        shell()
            .execute(
                "backup", "list", "-r", "s3://some-bucket", "--s3-endpoint", "http://192.0.2.1");
    assertThat(plain.exit()).isEqualTo(2);
    assertThat(plain.err()).contains("use https");
  }

  @Test
  void whoUsesADirectoryLoadsNothingOfS3() throws Exception {
    var repository = directory.resolve("plain").toString();
    var classes = directory.resolve("classes");
    var process =
        new ProcessBuilder(
                java.nio.file.Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xlog:class+load:file=" + classes,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "backup",
                "init",
                "--repository",
                repository)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said").toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(directory.resolve("said"))).isZero();
    assertThat(Files.readString(classes))
        .contains("io.starling.node.backup.RepositoryAccess ")
        .doesNotContain("software.amazon");
  }
}
