package io.starling.node.cli;

import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The entry point of `starling`.
///
/// Exit codes: 0 done, 1 refused or failed, 2 usage, 3 unreachable.
@Command(
    name = "starling",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "A leaderless replicator of shared state.")
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  /// Runs one command and ends the process with its exit code.
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command? Try 'starling --help'");
  }

  /// The version of the jar this runs from.
  static final class Version implements CommandLine.IVersionProvider {

    @Override
    public String[] getVersion() {
      var version = Optional.ofNullable(Main.class.getPackage().getImplementationVersion());
      return new String[] {"starling " + version.orElse("(unpackaged)")};
    }
  }
}
