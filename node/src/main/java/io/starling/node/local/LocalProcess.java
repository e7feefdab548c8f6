package io.starling.node.local;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The process of a local node: started, found again, stopped.
public record LocalProcess(LocalNode node) {

  // Runs a single node in the foreground: `starling node run --config FILE`.
  private static final String MAIN = "io.starling.node.cli.Main";
  private static final int LOG_TAIL_BYTES = 8 << 10;
  private static final int STEP_MILLIS = 200;

  /// The running process, if there is one.
  public Optional<ProcessHandle> running() throws IOException {
    return node.pidFile().running();
  }

  /// Starts the node. It is not ready when this returns.
  ///
  /// @param settings of the environment, beside those of this process
  /// @throws LocalException if one of its ports is taken
  public ProcessHandle start(Map<String, String> settings) throws IOException, LocalException {
    requireFreePorts();
    if (!settings.isEmpty()) {
      requireFree(node.hazelcastPort());
    }
    Files.createDirectories(node.directory());
    var command = JavaCommand.of(MAIN, "node", "run", "--config", node.config().toString());
    var log = ProcessBuilder.Redirect.appendTo(node.log().toFile());
    var builder =
        JavaCommand.process(command)
            .directory(node.directory().toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(log)
            .redirectError(log);
    builder.environment().putAll(settings);
    var process = builder.start();
    node.pidFile().write(process.toHandle());
    return process.toHandle();
  }

  /// @throws LocalException if one of the node's ports is taken
  void requireFreePorts() throws LocalException {
    for (int port : List.of(node.httpPort(), node.grpcPort(), node.peerPort())) {
      requireFree(port);
    }
  }

  private void requireFree(int port) throws LocalException {
    try (var socket = new ServerSocket()) {
      // As servers do: a port that connections of before have not quite let go of is free.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException taken) {
      throw new LocalException(
          node.name()
              + " cannot start: port "
              + port
              + " is in use; stop what uses it, or make another cluster with --data and --port",
          taken);
    }
  }

  /// Asks the process to stop, and sees to it that it does.
  ///
  /// @return whether it stopped by itself
  public boolean stop(ProcessHandle process, Duration patience)
      throws IOException, InterruptedException {
    return stop(process, patience, () -> {});
  }

  /// As [#stop(ProcessHandle, Duration)], and says now and then that it still waits.
  public boolean stop(ProcessHandle process, Duration patience, Runnable waiting)
      throws IOException, InterruptedException {
    process.destroy();
    boolean isGone = awaitExit(process, patience, waiting);
    if (!isGone) {
      process.destroyForcibly();
      awaitExit(process, patience, waiting);
    }
    node.pidFile().delete();
    return isGone;
  }

  private static boolean awaitExit(ProcessHandle process, Duration patience, Runnable waiting)
      throws InterruptedException {
    var exit = process.onExit();
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        exit.get(STEP_MILLIS, TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException later) {
        waiting.run();
      } catch (ExecutionException impossible) {
        throw new IllegalStateException("waiting for a process failed", impossible);
      }
    }
    return false;
  }

  /// The last line that the node printed; empty if there is none.
  public String lastLine() throws IOException {
    if (!Files.exists(node.log())) {
      return "";
    }
    try (var log = new RandomAccessFile(node.log().toFile(), "r")) {
      log.seek(Math.max(0, log.length() - LOG_TAIL_BYTES));
      var tail = new byte[LOG_TAIL_BYTES];
      int read = Math.max(0, log.read(tail));
      var lines = new String(tail, 0, read, StandardCharsets.UTF_8).strip().lines().toList();
      return lines.isEmpty() ? "" : lines.getLast();
    }
  }
}
