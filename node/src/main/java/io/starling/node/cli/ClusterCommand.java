package io.starling.node.cli;

import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.IdentityException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `cluster init`.
@Command(
    name = "cluster",
    description = "Makes a cluster's authority.",
    subcommands = ClusterCommand.Init.class)
final class ClusterCommand extends CommandGroup {

  /// `cluster init DIR`.
  @Command(
      name = "init",
      description = "Makes the authority that admits nodes. Its key may be kept offline.")
  static final class Init implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "where to keep the authority's key")
    private Path directory = Path.of("");

    @Option(
        names = "--name",
        paramLabel = "NAME",
        defaultValue = "starling",
        description = "what people call the cluster (default: starling)")
    private String name = "starling";

    @Option(names = "--json", description = "prints {\"name\", \"cluster\", \"directory\"}")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, IdentityException {
      var authority = ClusterInit.create(directory, name);
      var out = spec.commandLine().getOut();
      if (isJson) {
        var made =
            new Fields().put("name", authority.name()).put("directory", directory.toString());
        out.println(made.put("cluster", authority.cluster().toString()).json());
        return ExitCode.DONE;
      }
      out.println("cluster " + authority.name() + " " + authority.cluster());
      out.println("next, on each node: starling member join NODE-DIR --name NAME --address HOST");
      return ExitCode.DONE;
    }
  }
}
