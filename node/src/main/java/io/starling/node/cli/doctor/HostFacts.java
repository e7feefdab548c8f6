package io.starling.node.cli.doctor;

import io.starling.crdt.value.Value;
import io.starling.node.cli.terminal.Fields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What this machine offers a node. A fact that the system does not tell is empty.
///
/// @param java the feature version
/// @param openFiles how many files a process may have open
/// @param memoryTotal bytes, of the machine or of the container, whichever is less
/// @param isClockSynchronised whether the system keeps its clock right by the network
public record HostFacts(
    int java,
    Optional<Long> openFiles,
    Optional<Long> memoryTotal,
    Optional<Long> memoryAvailable,
    int processors,
    Optional<Boolean> isClockSynchronised) {

  private static final int COMMAND_SECONDS = 3;
  private static final long KIB = 1024;

  public static HostFacts read() throws IOException, InterruptedException {
    var container = file("/sys/fs/cgroup/memory.max").flatMap(HostFacts::number);
    var machine = memory("MemTotal");
    var total =
        machine.map(all -> Math.min(all, container.orElse(Long.MAX_VALUE))).or(() -> container);
    return new HostFacts(
        Runtime.version().feature(),
        file("/proc/self/limits").flatMap(HostFacts::openFiles),
        total,
        memory("MemAvailable"),
        Runtime.getRuntime().availableProcessors(),
        synchronised());
  }

  private static Optional<String> file(String path) throws IOException {
    var file = Path.of(path);
    return Files.isReadable(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  private static Optional<Long> number(String text) {
    var digits = text.strip();
    return digits.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(digits)) : Optional.empty();
  }

  private static Optional<Long> openFiles(String limits) {
    return limits
        .lines()
        .filter(line -> line.startsWith("Max open files"))
        .findFirst()
        .flatMap(line -> number(line.split("\\s+")[3]));
  }

  private static Optional<Long> memory(String name) throws IOException {
    return file("/proc/meminfo")
        .flatMap(text ->
            text.lines()
                .filter(line -> line.startsWith(name + ":"))
                .findFirst()
                .flatMap(line -> number(line.split("\\s+")[1]))
                .map(kib -> kib * KIB));
  }

  private static Optional<Boolean> synchronised() throws InterruptedException {
    var systemd = output("timedatectl", "show", "--property=NTPSynchronized", "--value");
    if (systemd.isPresent() && systemd.get().matches("yes|no")) {
      return systemd.map("yes"::equals);
    }
    return output("chronyc", "-c", "tracking").map(line -> !line.contains("Not synchronised"));
  }

  // Empty if there is no such command, or it fails.
  private static Optional<String> output(String... command) throws InterruptedException {
    try {
      var process =
          new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      try (var out = process.getInputStream()) {
        if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          return Optional.empty();
        }
        return process.exitValue() == 0
            ? Optional.of(new String(out.readNBytes(4_096), StandardCharsets.UTF_8).strip())
            : Optional.empty();
      }
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /// For programs; what is not known is null.
  public Value json() {
    return new Fields()
        .put("java", java)
        .put("openFiles", whole(openFiles))
        .put("memoryTotal", whole(memoryTotal))
        .put("memoryAvailable", whole(memoryAvailable))
        .put("processors", processors)
        .put(
            "clockSynchronised",
            isClockSynchronised.<Value>map(Value.Bool::new).orElse(new Value.Null()))
        .struct();
  }

  private static Value whole(Optional<Long> number) {
    return number.<Value>map(Value.Int::new).orElse(new Value.Null());
  }
}
