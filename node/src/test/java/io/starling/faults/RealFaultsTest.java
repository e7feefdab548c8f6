package io.starling.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real nodes through whatever can go wrong between and below them. Only root can run it.
///
/// `-Dstarling.faults.seed`, `-Dstarling.faults.seconds` and `-Dstarling.faults.nodes` make another
/// run, or a longer one. What was asked and answered, and the nodes' logs, are in `target/faults`.
final class RealFaultsTest {

  private static final long SEED = Long.getLong("starling.faults.seed", 1);
  private static final long SECONDS = Long.getLong("starling.faults.seconds", 15);
  private static final int NODES = Integer.getInteger("starling.faults.nodes", 3);

  private static final long HEAP_MEGABYTES = 1_024;
  private static final long HEAP_MEGABYTES_MAX = 8_192;

  /// Some 60 calls a second at each node, about 1 KB each; twice that.
  private static final long NODE_SECONDS_A_MEGABYTE = 8;

  /// For what comes before and after the faults, and for what they take longer than planned.
  private static final long BESIDE_SECONDS = 300;

  /// All that is in them ends with the process that made them.
  private static final List<String> NAMESPACES =
      List.of("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc");

  @TempDir private Path directory;

  @Test
  void nothingIsLostDoubledOrToldWrongWhateverFails() throws Exception {
    assumeTrue(
        canIsolate(),
        "no network with filters can be made here; run as root: sudo ./starling verify");
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

  private static boolean canIsolate() throws InterruptedException {
    var command = new ArrayList<>(NAMESPACES);
    Collections.addAll(command, "bash", "-c", "ip link && nft list tables");
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }

  // The history is kept for the checks.
  private static long heapMegabytes() {
    return Math.min(HEAP_MEGABYTES_MAX, HEAP_MEGABYTES + SECONDS * NODES / NODE_SECONDS_A_MEGABYTE);
  }

  private List<String> command(Path report) {
    var command = new ArrayList<>(NAMESPACES);
    Collections.addAll(
        command,
        ProcessHandle.current().info().command().orElseThrow(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Xmx%dm".formatted(heapMegabytes()),
        "-cp",
        System.getProperty("java.class.path"),
        FaultRun.class.getName(),
        Long.toString(SEED),
        Integer.toString(NODES),
        Long.toString(TimeUnit.SECONDS.toMillis(SECONDS)),
        directory.toString(),
        report.toString());
    return command;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
