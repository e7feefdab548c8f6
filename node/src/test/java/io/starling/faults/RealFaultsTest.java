package io.starling.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real nodes through whatever can go wrong between and below them.
///
/// `-Dstarling.faults.seed`, `-Dstarling.faults.seconds` and `-Dstarling.faults.nodes` make another
/// run, or a longer one. What was asked and answered, and the nodes' logs, are in `target/faults`.
final class RealFaultsTest {

  private static final long SEED = Long.getLong("starling.faults.seed", 1);
  private static final long SECONDS = Long.getLong("starling.faults.seconds", 25);
  private static final int NODES = Integer.getInteger("starling.faults.nodes", 3);

  /// For what comes before and after the faults, and for what they take longer than planned.
  private static final long BESIDE_SECONDS = 300;

  @TempDir private Path directory;

  @Test
  void nothingIsLostDoubledOrToldWrongWhateverFails() throws Exception {
    var report = Files.createDirectories(Path.of("target", "faults").toAbsolutePath());
    try (var old = Files.newDirectoryStream(report)) {
      for (var file : old) {
        Files.delete(file);
      }
    }
    var out = report.resolve("run.log");
    var process =
        new ProcessBuilder(command(report))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(process.waitFor(2 * SECONDS + BESIDE_SECONDS, TimeUnit.SECONDS))
          .as("an end of %s", out)
          .isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(() -> read(out)).isZero();
  }

  private List<String> command(Path report) {
    return List.of(
        "unshare",
        "--net",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        ProcessHandle.current().info().command().orElseThrow(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Xmx1g",
        "-cp",
        System.getProperty("java.class.path"),
        FaultRun.class.getName(),
        Long.toString(SEED),
        Integer.toString(NODES),
        Long.toString(TimeUnit.SECONDS.toMillis(SECONDS)),
        directory.toString(),
        report.toString());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException unreadable) {
      throw new java.io.UncheckedIOException(unreadable);
    }
  }
}
