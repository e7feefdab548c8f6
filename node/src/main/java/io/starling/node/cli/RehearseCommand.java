package io.starling.node.cli;

import io.starling.node.Node;
import io.starling.node.access.TokenFile;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.config.NodeConfig;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.IdentityFiles;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `node rehearse`: what `starling install` records for the JVM to start sooner with.
///
/// Two nodes in this process find each other, take writes of the command line and answer its reads,
/// over TLS, in a folder that is gone afterwards. So the classes that a node and a command need,
/// and what is called often in them, are known when the process ends.
@Command(
    name = "rehearse",
    hidden = true,
    description = "Runs two nodes for a moment; 'starling install' records what they load.")
final class RehearseCommand implements Callable<Integer> {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final int ROUNDS = 40;

  @Spec private CommandSpec spec = CommandSpec.create();

  /// How a command is told which node to talk to.
  private record Target(List<String> options) {

    String[] command(String... words) {
      var all = new ArrayList<>(List.of(words));
      all.addAll(options);
      return all.toArray(String[]::new);
    }
  }

  @Override
  public Integer call() throws Exception {
    var directory = Files.createTempDirectory("starling-rehearsal");
    try {
      rehearse(directory);
      return ExitCode.DONE;
    } finally {
      delete(directory);
    }
  }

  private void rehearse(Path directory) throws Exception {
    var authority = directory.resolve("authority");
    ClusterInit.create(authority, "rehearsal");
    var first = join(directory, "first", "");
    TokenFile.create(first);
    try (var one = Node.start(NodeConfig.read(first.resolve(NodeConfig.FILE), Map.of()))) {
      var second = join(directory, "second", one.status().node().addresses().peer());
      try (var other = Node.start(NodeConfig.read(second.resolve(NodeConfig.FILE), Map.of()))) {
        var token = first.resolve(TokenFile.NAME);
        play(target(one, authority, token), target(other, authority, token));
      }
    }
  }

  private void play(Target one, Target other) throws CommandFailure, InterruptedException {
    require(one.command("doc", "set", "rehearsal/doc", "--json", "{\"a\":[1,{\"b\":true}]}"));
    require(one.command("add", "rehearsal/set", "x", "y"));
    for (int i = 0; i < ROUNDS; i++) {
      require(one.command("incr", "rehearsal/counter"));
    }
    require(one.command("set", "rehearsal/register", "done"));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (run(other.command("get", "rehearsal/register")) != ExitCode.DONE) {
      if (System.nanoTime() > deadline) {
        throw CommandFailure.refused("the two nodes of the rehearsal did not find each other");
      }
      Thread.sleep(PAUSE);
    }
    require(other.command("scan", "rehearsal/", "--values"));
    require(other.command("member", "list"));
  }

  private static Path join(Path directory, String name, String peer)
      throws IOException, IdentityException {
    var node = directory.resolve(name);
    var identity = node.resolve("identity");
    var request = JoinRequest.create(identity, name, "rehearsal", List.of("localhost"));
    var invitation = directory.resolve(name + ".pem");
    Invitation.issue(directory.resolve("authority"), request, List.of()).writeTo(invitation);
    Invitation.accept(identity, invitation);
    Files.writeString(
        node.resolve(NodeConfig.FILE),
        """
        listen: {http: 0, grpc: 0, peer: 0}
        tls: {http: true}
        peers: [%s]
        limits: {cacheMegabytes: 8, freeMegabytes: 16}
        """
            .formatted(peer.isEmpty() ? "" : "'" + peer + "'"));
    return node;
  }

  private static Target target(Node node, Path authority, Path token) {
    return new Target(
        List.of(
            "--node",
            node.status().node().addresses().grpc(),
            "--ca",
            IdentityFiles.authority(authority).toString(),
            "--token-file",
            token.toString()));
  }

  private void require(String... words) throws CommandFailure {
    if (run(words) != ExitCode.DONE) {
      throw CommandFailure.refused("the rehearsal failed at: " + String.join(" ", words));
    }
  }

  private int run(String... words) {
    var err = spec.commandLine().getErr();
    return Main.commandLine().setOut(err).setErr(err).execute(words);
  }

  private static void delete(Path directory) throws IOException {
    try (var all = Files.walk(directory)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
