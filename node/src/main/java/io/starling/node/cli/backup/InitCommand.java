package io.starling.node.cli.backup;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.config.ConfigException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `backup init`.
@Command(
    name = "init",
    description = {
      "Makes a repository, for the backups of any number of nodes and clusters.",
      "With a passphrase it is encrypted. Nobody can read it without, nor help who has lost it."
    })
final class InitCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RepositoryOptions repository = new RepositoryOptions();

  @Option(names = "--json", description = "prints {\"repository\", \"id\", \"encrypted\"}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, ConfigException {
    var out = spec.commandLine().getOut();
    try (var made = repository.access().create()) {
      if (isJson) {
        var fields = new Fields().put("repository", made.location()).put("id", made.id());
        out.println(fields.put("encrypted", made.isEncrypted()).json());
      } else {
        out.println(
            made.location()
                + " is "
                + (made.isEncrypted() ? "an encrypted repository" : "a repository")
                + " now");
      }
    }
    return ExitCode.DONE;
  }
}
