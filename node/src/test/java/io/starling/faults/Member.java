package io.starling.faults;

import io.starling.client.StarlingClient;
import io.starling.node.config.NodeConfig;
import io.starling.node.storage.rocksdb.SmallDisk;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.StatusResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A node: a process in a network of its own, with a small disk of its own.
final class Member implements AutoCloseable {

  static final int CLIENT_PORT = 7411;
  private static final long LOOK_MILLIS = 100;

  /// The exit code of who was ended by SIGKILL.
  private static final int KILLED = 137;

  /// The exit code of who was ended by SIGTERM.
  private static final int TERMINATED = 143;

  private final int number;
  private final Path home;
  private final SmallDisk disk;
  private final Path log;
  private final List<String> command;
  private final StarlingClient client;
  private Optional<Process> process = Optional.empty();

  /// @param home its directory, in which its identity is
  /// @param disk where that is
  /// @param client one that asks this node alone, and does not wait long
  Member(int number, Path home, SmallDisk disk, Path log, StarlingClient client) {
    this.number = number;
    this.home = home;
    this.disk = disk;
    this.log = log;
    this.client = client;
    var flags = Path.of("src", "main", "dist").toAbsolutePath();
    this.command =
        List.of(
            "ip",
            "netns",
            "exec",
            name(),
            ProcessHandle.current().info().command().orElseThrow(),
            "@" + flags.resolve("jvm.options"),
            "@" + flags.resolve("node.options"),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "io.starling.node.cli.Main",
            "node",
            "run",
            "--config",
            home.resolve(NodeConfig.FILE).toString());
  }

  static String configuration(int number, int nodes) {
    var peers = new ArrayList<String>();
    for (int other = 0; other < nodes; other++) {
      if (other != number) {
        peers.add(Wires.standIn(other) + ":" + Wires.PEER_PORT);
      }
    }
    return """
    listen: {http: "127.0.0.1:7410", grpc: "%1$s:%2$d", peer: "%1$s:%3$d"}
    addresses: ["%4$s:%3$d"]
    peers: [%5$s]
    limits: {cacheMegabytes: 8, freeMegabytes: 16}
    """
        .formatted(
            Wires.address(number),
            CLIENT_PORT,
            Wires.PEER_PORT,
            Wires.standIn(number),
            String.join(", ", peers));
  }

  String name() {
    return Wires.name(number);
  }

  /// Starts the process; it serves a while later.
  void start() throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(it -> it.startsWith("STARLING_"));
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    // One for all, and not on the small disk.
    builder.environment().put("ROCKSDB_SHAREDLIB_DIR", home.getParent().toString());
    process =
        Optional.of(
            builder
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start());
  }

  /// What it says of itself, if it answers.
  Optional<StatusResponse> status() {
    return client.status().getFirst().status();
  }

  /// Waits until all its spaces take writes.
  ///
  /// @return how long that took
  Duration awaitService(Duration patience) throws InterruptedException {
    long begun = System.nanoTime();
    while (!isServing()) {
      if (!process.map(Process::isAlive).orElse(false)) {
        throw new AssertionError(name() + " has ended by itself; see its log");
      }
      var waited = Duration.ofNanos(System.nanoTime() - begun);
      if (waited.compareTo(patience) > 0) {
        throw new AssertionError(name() + " takes no writes after " + waited + ": " + status());
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private boolean isServing() {
    return status()
        .filter(it -> it.getSpacesCount() >= 2)
        .filter(it ->
            it.getSpacesList().stream()
                .allMatch(space -> space.getCondition() == SpaceCondition.SPACE_CONDITION_RUNNING))
        .isPresent();
  }

  /// Ends it as it stands.
  ///
  /// @return whether it was that by which it ended
  boolean kill() throws InterruptedException {
    return process.orElseThrow().destroyForcibly().waitFor() == KILLED;
  }

  /// Has it stop.
  ///
  /// @return whether it was that by which it ended
  boolean stop(Duration patience) throws InterruptedException {
    var stopping = process.orElseThrow();
    stopping.destroy();
    if (!stopping.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(name() + " does not stop within " + patience);
    }
    return stopping.exitValue() == TERMINATED;
  }

  /// Whether it stands still, as the system sees it.
  boolean isPaused() throws IOException {
    var status = Path.of("/proc/" + process.orElseThrow().pid() + "/status");
    return Files.readAllLines(status).stream().anyMatch(it -> it.matches("State:\\s+T.*"));
  }

  /// Waits until it says that its disk is full. When it does not answer, it has not said so.
  ///
  /// @return whether it said so in time
  boolean awaitShortOfDisk(Duration patience) throws InterruptedException {
    long begun = System.nanoTime();
    while (status().stream().noneMatch(Member::isShortOfDisk)) {
      if (System.nanoTime() - begun > patience.toNanos()) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    return true;
  }

  private static boolean isShortOfDisk(StatusResponse status) {
    return status.getSpacesList().stream()
        .anyMatch(space -> space.getCondition() == SpaceCondition.SPACE_CONDITION_DEGRADED);
  }

  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  void goOn() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    Commands.run("kill -%s %d".formatted(name, process.orElseThrow().pid()));
  }

  SmallDisk disk() {
    return disk;
  }

  @Override
  public void close() throws InterruptedException {
    client.close();
    if (process.isPresent()) {
      var _ = kill();
    }
  }
}
