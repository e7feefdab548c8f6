package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.DataOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.client.ClientException;
import io.starling.node.identity.IdentityException;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import io.starling.node.local.LocalNode;
import io.starling.node.local.LocalProcess;
import io.starling.node.local.Preparation;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `up`.
@Command(
    name = "up",
    description = {
      "Starts a cluster on this machine, or whichever of its nodes are down.",
      "Stays in the foreground until it is stopped, and stops the nodes it started."
    })
final class UpCommand implements Callable<Integer> {

  private static final Duration START_MAX = Duration.ofMinutes(2);
  private static final Duration STOP_MAX = Duration.ofSeconds(15);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "how many nodes, 1 to 9 (default: as many as there are, 3 at first)")
  private Optional<Integer> nodes = Optional.empty();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "node i uses the ports from PORT + 10 i on (default: 7400)")
  private Optional<Integer> port = Optional.empty();

  @Option(names = "--detach", description = "returns when the nodes are ready; 'down' stops them")
  private boolean isDetached;

  @Option(
      names = "--hazelcast",
      description = {
        "for this run, nodes also find each other by Hazelcast, on their ports + 3;",
        "costs about 20 MB and 5 s of processor time each"
      })
  private boolean isWithHazelcast;

  @Option(
      names = "--json",
      description =
          "prints {\"directory\", \"certificate\", \"tokenFile\", \"nodes\":[{\"name\", \"http\","
              + " \"grpc\", \"signIn\"}]} when they are ready")
  private boolean isJson;

  // Filled by the command, emptied of processes by whoever stops it.
  private final List<Started> started = new CopyOnWriteArrayList<>();
  private volatile boolean isStopping;

  /// A process that this command has started.
  private record Started(LocalProcess process, ProcessHandle handle) {}

  @Override
  public Integer call()
      throws IOException,
          IdentityException,
          LocalException,
          CommandFailure,
          ClientException,
          InterruptedException {
    if (nodes.isPresent() && (nodes.get() < 1 || nodes.get() > LocalCluster.NODES_MAX)) {
      throw CommandFailure.usage("--nodes is 1 to " + LocalCluster.NODES_MAX);
    }
    if (port.isPresent() && (port.get() < 1 || port.get() > LocalCluster.PORT_MAX)) {
      throw CommandFailure.usage("--port is 1 to " + LocalCluster.PORT_MAX);
    }
    var cluster = Preparation.prepare(data.directory(), nodes, port);
    // Whoever stops this process, while the nodes start or later, stops them too.
    var stopped = Thread.ofPlatform().unstarted(this::stopQuietly);
    Runtime.getRuntime().addShutdownHook(stopped);
    boolean isReady = false;
    try {
      start(cluster);
      try (var progress = Progress.of(spec)) {
        for (var one : started) {
          awaitReady(cluster, one, progress);
        }
      }
      isReady = true;
    } finally {
      if (!isReady && !isStopping) {
        stop();
      }
    }
    welcome(cluster);
    if (isDetached) {
      leaveRunning(stopped);
    } else if (!started.isEmpty()) {
      attend();
    }
    return ExitCode.DONE;
  }

  private void start(LocalCluster cluster) throws IOException, LocalException {
    for (var node : cluster.staying()) {
      var process = new LocalProcess(node);
      if (process.running().isEmpty() && !isStopping) {
        var settings = isWithHazelcast ? cluster.hazelcast(node) : Map.<String, String>of();
        started.add(new Started(process, process.start(settings)));
      }
    }
  }

  private static void leaveRunning(Thread stopped) {
    try {
      Runtime.getRuntime().removeShutdownHook(stopped);
    } catch (IllegalStateException _) {
      // This process is being stopped, and the hook stops the nodes.
    }
  }

  private void awaitReady(LocalCluster cluster, Started started, Progress progress)
      throws IOException, CommandFailure, InterruptedException {
    long deadline = System.nanoTime() + START_MAX.toNanos();
    var node = started.process().node();
    while (!LocalStatus.isReady(cluster, node)) {
      if (isStopping) {
        throw CommandFailure.refused("stopped before the nodes were ready");
      }
      if (!started.handle().isAlive()) {
        throw CommandFailure.refused(
            node.name()
                + " did not start: "
                + started.process().lastLine()
                + " (more in "
                + node.log()
                + ")");
      }
      if (System.nanoTime() > deadline) {
        throw CommandFailure.refused(
            node.name() + " is not ready after " + START_MAX.toSeconds() + " s; see " + node.log());
      }
      progress.at("waiting for " + node.name() + " to be ready");
      Thread.sleep(LocalStatus.PAUSE);
    }
  }

  private void welcome(LocalCluster cluster) throws IOException, CommandFailure, ClientException {
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(json(cluster));
      out.flush();
      return;
    }
    for (var node : cluster.staying()) {
      out.println(node.name() + "   " + node.dashboard() + "   gRPC port " + node.grpcPort());
      out.println(
          "         sign in once, within 10 minutes: " + LocalStatus.signInLink(cluster, node));
    }
    out.println();
    out.println("bearer token   " + cluster.tokenFile());
    out.println("certificate    " + cluster.certificate());
    out.println();
    var at = data.isChosen() ? " --data " + data.directory() : "";
    out.println("try:   starling set greeting hello --node 1" + at);
    out.println("       starling get greeting --node " + cluster.count() + at);
    out.println("stop:  " + (isDetached ? "starling down" + at : "Ctrl-C"));
    out.flush();
  }

  private static String json(LocalCluster cluster) throws IOException, ClientException {
    var nodes = new ArrayList<Value>();
    for (var node : cluster.staying()) {
      nodes.add(
          new Fields()
              .put("name", node.name())
              .put("http", LocalNode.HOST + ":" + node.httpPort())
              .put("grpc", LocalNode.HOST + ":" + node.grpcPort())
              .put("signIn", LocalStatus.signInLink(cluster, node))
              .struct());
    }
    return new Fields()
        .put("directory", cluster.directory().toString())
        .put("certificate", cluster.certificate().toString())
        .put("tokenFile", cluster.tokenFile().toString())
        .put("nodes", nodes)
        .json();
  }

  // Until the process is told to stop, or no node is left.
  private void attend() {
    PrintWriter err = spec.commandLine().getErr();
    var exits =
        started.stream()
            .map(one -> one.handle().onExit().thenRun(() -> tellEnd(err, one)))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(exits).join();
  }

  private void tellEnd(PrintWriter err, Started one) {
    if (isStopping) {
      return;
    }
    var name = one.process().node().name();
    err.println(name + " has ended; 'starling up' in another terminal starts it again");
    err.flush();
  }

  private void stopQuietly() {
    isStopping = true;
    try {
      stop();
    } catch (IOException | InterruptedException failed) {
      System.err.println("starling: a node was left behind: " + failed.getMessage());
    }
  }

  private void stop() throws IOException, InterruptedException {
    started.forEach(one -> one.handle().destroy());
    for (var one : started) {
      one.process().stop(one.handle(), STOP_MAX);
    }
  }
}
