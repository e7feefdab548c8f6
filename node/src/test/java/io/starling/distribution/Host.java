package io.starling.distribution;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A host of a test, in namespaces of its own; all of it ends when this is closed, or this JVM
/// ends.
final class Host implements AutoCloseable {

  private static final int COMMAND_SECONDS_MAX = 120;

  private final String name;
  private final Process holder;
  private final long first;

  private Host(String name, Process holder, long first) {
    this.name = name;
    this.holder = holder;
    this.first = first;
  }

  /// What a script left behind; its output and errors are one.
  record Result(String host, String script, int exit, String out) {

    String orFail() {
      if (exit != 0) {
        throw new AssertionError(
            "on %s, exit code %d of:%n%s%n%s".formatted(host, exit, script, out));
      }
      return out;
    }
  }

  /// A switch: a network of its own, on this machine's files.
  static Host bare(String name) throws IOException {
    return begin(
        name,
        List.of("--net"),
        List.of("bash", "-c", "ip link set lo up; echo ready; while read -r _; do :; done"));
  }

  /// @param standIns the folder with `host.sh` and what stands in for other programs
  static Host of(String name, Path work, Path shared, Path archive, Path standIns)
      throws IOException {
    return begin(
        name,
        List.of("--net", "--mount", "--uts"),
        List.of(
            "bash",
            standIns.resolve("host.sh").toString(),
            name,
            work.toString(),
            shared.toString(),
            archive.toString(),
            standIns.toString()));
  }

  private static Host begin(String name, List<String> namespaces, List<String> what)
      throws IOException {
    var command = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--kill-child"));
    command.addAll(namespaces);
    command.addAll(what);
    var holder = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new StringBuilder();
    // Not closed: the process goes on writing there.
    var out = holder.inputReader(StandardCharsets.UTF_8);
    for (var line = out.readLine(); !"ready".equals(line); line = out.readLine()) {
      if (line == null) {
        throw new AssertionError(
            "no host of its own can be made here (run as root: sudo ./starling verify): " + said);
      }
      said.append(line).append('\n');
    }
    long first = holder.children().findFirst().orElseThrow().pid();
    return new Host(name, holder, first);
  }

  String name() {
    return name;
  }

  /// The number by which this machine knows the host's first process.
  long first() {
    return first;
  }

  /// Runs a script as root of the host, in `/srv`; it stops at the first command that fails.
  Result run(String script) throws IOException, InterruptedException {
    return run(List.of("--net", "--mount", "--uts", "--pid", "--root", "--wd"), script);
  }

  /// Runs a script on this machine, but in the host's network.
  Result inItsNetwork(String script) throws IOException, InterruptedException {
    return run(List.of("--net"), script);
  }

  private Result run(List<String> namespaces, String script)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("nsenter", "--target=" + first));
    command.addAll(namespaces);
    command.addAll(
        List.of(
            "--",
            "env",
            "-i",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            "HOME=/srv",
            "JAVA_HOME=" + System.getProperty("java.home"),
            "bash",
            "-euo",
            "pipefail",
            "-c",
            "cd /srv\n" + script));
    // A file, not a pipe: what the script leaves running would keep a pipe open.
    var output = Files.createTempFile("starling-host", ".out");
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new AssertionError(
            "on %s, not done after %d s:%n%s%n%s"
                .formatted(name, COMMAND_SECONDS_MAX, script, Files.readString(output)));
      }
      return new Result(name, script, process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  @Override
  public void close() throws InterruptedException {
    holder.destroy();
    if (!holder.waitFor(10, TimeUnit.SECONDS)) {
      holder.destroyForcibly().waitFor();
    }
  }
}
