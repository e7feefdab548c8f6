package io.starling.node.cli;

import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `completion bash|zsh`.
@Command(
    name = "completion",
    description = {
      "Prints a script by which a shell completes commands and options.",
      "bash: source <(starling completion bash)",
      "zsh:  source <(starling completion zsh)"
    })
final class CompletionCommand implements Callable<Integer> {

  /// Shells that there is a script for.
  enum Shell {
    bash,
    zsh
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "bash or zsh")
  private Shell shell = Shell.bash;

  @Option(names = "--json", description = "prints {\"shell\", \"script\"}")
  private boolean isJson;

  @Override
  public Integer call() {
    var root = spec.root();
    // One script serves both: under zsh it turns on zsh's support for bash completions itself.
    var script = AutoComplete.bash(root.name(), root.commandLine());
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(new Fields().put("shell", shell.name()).put("script", script).json());
    } else {
      out.print(script);
    }
    out.flush();
    return ExitCode.DONE;
  }
}
