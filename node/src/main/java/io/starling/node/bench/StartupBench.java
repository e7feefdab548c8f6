package io.starling.node.bench;

import io.starling.node.identity.IdentityException;
import io.starling.node.local.JavaCommand;
import io.starling.node.local.LocalException;
import io.starling.node.local.LocalNode;
import io.starling.node.local.Preparation;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// How long a node's process takes from nothing until it is ready, and what memory it holds at
/// rest, with the cache of classes that `starling install` makes and without, in turn.
///
/// "Cold" is the process: the disk's cache has the files. The store is that of an empty node, made
/// before the first start. Memory is what the system says is resident (`VmRSS`), Linux only.
public final class StartupBench {

  private static final String MAIN = "io.starling.node.cli.Main";
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+([0-9]+) kB");
  private static final Duration STOP_MAX = Duration.ofSeconds(30);

  private final LocalNode node;
  private final Path cache;
  private final int pairs;
  private final Duration rest;

  /// How a process is started.
  public enum Way {
    CACHED,
    PLAIN
  }

  /// @param readyMillis from the start of the process until it says that it is ready
  /// @param restMebibytes resident, after a rest
  public record Row(Way way, Spread readyMillis, Spread restMebibytes) {}

  private record Start(double readyMillis, double restMebibytes) {}

  private StartupBench(LocalNode node, Path cache, int pairs, Duration rest) {
    this.node = node;
    this.cache = cache;
    this.pairs = pairs;
    this.rest = rest;
  }

  /// Makes a node and a cache below a directory.
  ///
  /// @param port the node uses those from ten above it on
  /// @param rest how long after it is ready its memory is looked at
  public static StartupBench prepare(Path directory, int port, int pairs, Duration rest)
      throws IOException, IdentityException, LocalException, InterruptedException {
    var data = directory.resolve("node");
    var node = Preparation.prepare(data, Optional.of(1), Optional.of(port)).nodes().getFirst();
    var cache = directory.resolve("starling.aot");
    record(cache, directory.resolve("rehearsal.log"));
    return new StartupBench(node, cache, pairs, rest);
  }

  private static void record(Path cache, Path log) throws IOException, InterruptedException {
    var flags = List.of("-Xlog:disable", "-XX:AOTCacheOutput=" + cache);
    var process =
        JavaCommand.process(JavaCommand.with(flags, MAIN, "node", "rehearse"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (process.waitFor() != 0 || !Files.exists(cache)) {
      throw new IOException("no cache of classes was made: " + Files.readString(log).strip());
    }
  }

  /// Measures.
  public List<Row> run() throws IOException, InterruptedException {
    once(Way.PLAIN); // makes the store and unpacks the native library
    once(Way.CACHED);
    var cached = new ArrayList<Start>();
    var plain = new ArrayList<Start>();
    for (int pair = 0; pair < pairs; pair++) {
      cached.add(once(Way.CACHED));
      plain.add(once(Way.PLAIN));
    }
    return List.of(row(Way.CACHED, cached), row(Way.PLAIN, plain));
  }

  private static Row row(Way way, List<Start> starts) {
    return new Row(
        way,
        Spread.of(starts.stream().map(Start::readyMillis).toList()),
        Spread.of(starts.stream().map(Start::restMebibytes).toList()));
  }

  private Start once(Way way) throws IOException, InterruptedException {
    var flags = way == Way.CACHED ? JavaCommand.reading(cache) : List.<String>of();
    var command =
        JavaCommand.with(flags, MAIN, "node", "run", "--config", node.config().toString());
    long began = System.nanoTime();
    var process =
        JavaCommand.process(command)
            .redirectInput(new File("/dev/null"))
            .redirectError(node.log().toFile())
            .start();
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      awaitReady(out);
      double millis = (System.nanoTime() - began) / 1e6;
      Thread.sleep(rest);
      return new Start(millis, residentMebibytes(process.pid()));
    } finally {
      process.destroy();
      if (!process.waitFor(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  private void awaitReady(BufferedReader out) throws IOException {
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      if (line.contains(" is ready: ")) {
        return;
      }
    }
    throw new IOException("the node did not start: " + Files.readString(node.log()).strip());
  }

  private static double residentMebibytes(long pid) throws IOException {
    var status = Files.readString(Path.of("/proc", Long.toString(pid), "status"));
    var resident = RESIDENT.matcher(status);
    if (!resident.find()) {
      throw new IOException("the system does not say what memory process " + pid + " holds");
    }
    return Double.parseDouble(resident.group(1)) / 1024;
  }
}
