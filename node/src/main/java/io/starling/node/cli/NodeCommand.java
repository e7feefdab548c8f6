package io.starling.node.cli;

import io.starling.node.RunningNode;
import io.starling.node.StartException;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.config.ConfigException;
import io.starling.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `node run`.
@Command(
    name = "node",
    description = "Runs a single node; 'up' does so for each node of a local cluster.",
    subcommands = {NodeCommand.Run.class, RehearseCommand.class})
final class NodeCommand extends CommandGroup {

  /// `node run --config FILE`.
  @Command(name = "run", description = "Runs a node until it is told to stop (SIGTERM, Ctrl-C).")
  static final class Run implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--config",
        required = true,
        paramLabel = "FILE",
        description = "node.yaml, in the node's directory; STARLING_* overrides what it says")
    private Path config = Path.of("");

    @Option(
        names = "--json",
        description = "prints {\"name\", \"http\", \"grpc\", \"peer\"} when it is ready")
    private boolean isJson;

    @Override
    public Integer call() throws ConfigException, StartException {
      var read = NodeConfig.read(config, System.getenv());
      read.log().use();
      var node = RunningNode.start(read);
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(node::close));
      var self = node.node().status().node();
      var at = self.addresses();
      var out = spec.commandLine().getOut();
      if (isJson) {
        var ready = new Fields().put("name", self.name()).put("http", at.http());
        out.println(ready.put("grpc", at.grpc()).put("peer", at.peer()).json());
      } else {
        out.printf(
            "%s is ready: HTTP %s, gRPC %s, peers %s%n",
            self.name(), at.http(), at.grpc(), at.peer());
      }
      out.flush();
      // For ever, as a rule: whoever stops the process runs the hook.
      var failure = node.awaitEnd();
      if (failure.isPresent()) {
        throw failure.get();
      }
      return ExitCode.DONE;
    }
  }
}
