package io.starling.node.lab;

import io.starling.node.lab.LabRun.State;
import io.starling.node.local.JavaCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the lab for who asks this node, one run at a time, each in a process of its own with little
/// memory and, where there is `nice`, behind the node's own work. The last report is kept in
/// memory. Safe to use from any thread.
public final class LabDesk implements AutoCloseable {

  /// The largest report, in bytes.
  public static final int REPORT_BYTES_MAX = 8 << 20;

  /// After that a run is broken off.
  public static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final Logger LOG = LoggerFactory.getLogger(LabDesk.class);
  private static final String MAIN = "io.starling.node.cli.Main";
  private static final Path NICE = Path.of("/usr/bin/nice");
  private static final int LINES_MAX = 100;
  private static final int SAID_BYTES_MAX = 64 << 10;
  private static final int EXIT_VIOLATED = 1;

  private final List<String> java;
  private final Duration patience;
  private final InstantSource clock;
  // All below is guarded by this.
  private Optional<LabRun> last = Optional.empty();
  private Optional<byte[]> report = Optional.empty();
  private Optional<Process> process = Optional.empty();
  private boolean isClosed;

  /// With this same program, and patience of some minutes.
  public LabDesk(InstantSource clock) {
    this(command(), PATIENCE, clock);
  }

  /// @param java what runs the program, without its arguments
  /// @param patience after that a run is broken off
  LabDesk(List<String> java, Duration patience, InstantSource clock) {
    this.java = List.copyOf(java);
    this.patience = patience;
    this.clock = clock;
  }

  private static List<String> command() {
    var command = new ArrayList<String>();
    if (Files.isExecutable(NICE)) {
      command.addAll(List.of(NICE.toString(), "-n", "10"));
    }
    command.addAll(JavaCommand.with(List.of("-Xmx256m"), MAIN));
    return command;
  }

  /// Begins a run.
  ///
  /// @return how it stands; empty if another is under way
  public synchronized Optional<LabRun> start(LabRequest request) {
    if (isClosed || last.filter(run -> run.state() == State.RUNNING).isPresent()) {
      return Optional.empty();
    }
    long number = last.map(LabRun::number).orElse(0L) + 1;
    var run = new LabRun(number, request, clock.instant(), State.RUNNING, List.of());
    last = Optional.of(run);
    report = Optional.empty();
    Thread.ofPlatform().daemon().name("lab").start(() -> perform(run));
    return last;
  }

  /// The last run, if there was one.
  public synchronized Optional<LabRun> last() {
    return last;
  }

  /// The page that shows what the last run came to, once it has.
  public synchronized Optional<byte[]> report() {
    return report.map(byte[]::clone);
  }

  private void perform(LabRun run) {
    var ended = failed(run, "it ended without a word; the log says more");
    try {
      var directory = Files.createTempDirectory("starling-lab");
      try {
        ended = perform(run, directory);
      } finally {
        delete(directory);
      }
    } catch (IOException failed) {
      LOG.warn("the lab did not run: {}", failed.getMessage());
      ended = failed(run, String.valueOf(failed.getMessage()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      ended = failed(run, "it was stopped");
    } finally {
      end(ended);
    }
  }

  /// A run that is over, with its report if there is one.
  private record Ended(LabRun run, Optional<byte[]> page) {}

  private static Ended failed(LabRun run, String why) {
    return new Ended(run.ended(State.FAILED, List.of(why)), Optional.empty());
  }

  private Ended perform(LabRun run, Path directory) throws IOException, InterruptedException {
    var page = directory.resolve("report.html");
    var said = directory.resolve("said");
    var command = new ArrayList<>(java);
    command.addAll(run.request().arguments());
    command.addAll(List.of("--report", page.toString()));
    var child = begun(command, said);
    if (!child.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      child.destroyForcibly().waitFor();
      return failed(
          run,
          "it took longer than " + patience.toSeconds() + " s and was broken off; ask for less");
    }
    var lines = lines(said, page);
    int exit = child.exitValue();
    boolean isReported = Files.isRegularFile(page) && (exit == 0 || exit == EXIT_VIOLATED);
    if (!isReported) {
      LOG.warn("the lab ended with {} and without a report: {}", exit, lines);
      return lines.isEmpty()
          ? failed(run, "it ended with " + exit + " and said nothing")
          : new Ended(run.ended(State.FAILED, lines), Optional.empty());
    }
    if (Files.size(page) > REPORT_BYTES_MAX) {
      return failed(run, "its report has more than " + REPORT_BYTES_MAX + " bytes; ask for less");
    }
    var state = exit == 0 ? State.DONE : State.VIOLATED;
    return new Ended(run.ended(state, lines), Optional.of(Files.readAllBytes(page)));
  }

  private synchronized Process begun(List<String> command, Path said) throws IOException {
    if (isClosed) {
      throw new IOException("the node is stopping");
    }
    var builder = JavaCommand.process(command);
    // Nothing of what the node was started with is the lab's, and what it reads is UTF-8.
    builder.environment().keySet().retainAll(List.of("PATH", "MALLOC_ARENA_MAX"));
    builder.environment().put("LANG", "C.UTF-8");
    var child =
        builder
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(said.toFile())
            .start();
    process = Optional.of(child);
    sacrifice(child);
    return child;
  }

  /// Where memory runs out, the lab is to go and not the node.
  private static void sacrifice(Process child) {
    var score = Path.of("/proc", Long.toString(child.pid()), "oom_score_adj");
    try {
      if (Files.isWritable(score)) {
        Files.writeString(score, "1000");
      }
    } catch (IOException refused) {
      LOG.debug("the lab's process goes when the system has it: {}", refused.getMessage());
    }
  }

  private synchronized void end(Ended ended) {
    process = Optional.empty();
    last = Optional.of(ended.run());
    report = ended.page();
  }

  /// What it said, but for where its report was.
  private static List<String> lines(Path said, Path page) throws IOException {
    try (var in = Files.newInputStream(said)) {
      return new String(in.readNBytes(SAID_BYTES_MAX), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.equals("report: " + page))
          .map(line -> line.replace(page.toString(), "its file"))
          .limit(LINES_MAX)
          .toList();
    }
  }

  private static void delete(Path directory) {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException left) {
      LOG.warn("{} could not be removed: {}", directory, left.getMessage());
    }
  }

  /// Breaks off what runs.
  @Override
  public synchronized void close() {
    isClosed = true;
    process.ifPresent(Process::destroyForcibly);
  }
}
