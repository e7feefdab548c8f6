package io.starling.node.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.OptionSpec;

/// The entry point of `starling`.
///
/// Exit codes: 0 done, 1 refused or failed, 2 usage, 3 unreachable.
@Command(
    name = "starling",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "A leaderless replicator of shared state.",
    subcommands = {
      HelpCommand.class,
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      NodeCommand.class,
      ClusterCommand.class,
      MemberCommand.class,
      SetCommand.class,
      GetCommand.class,
      IncrCommand.class,
      AddCommand.class,
      RemoveCommand.class,
      DocCommand.class,
      ScanCommand.class,
      WatchCommand.class,
      ImportCommand.class,
      SpaceCommand.class,
      ReceiptCommand.class,
      BenchCommand.class,
      SimulateCommand.class,
    })
public final class Main extends CommandGroup {

  /// Runs one command and ends the process with its exit code.
  public static void main(String[] arguments) throws IOException {
    try (var settings = Main.class.getResourceAsStream("logging.properties")) {
      LogManager.getLogManager().readConfiguration(settings);
    }
    // Names of places are not ASCII, whatever the terminal's locale says.
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(commandLine().setOut(out).setErr(err).execute(arguments));
  }

  /// The whole command line.
  static CommandLine commandLine() {
    var line = new CommandLine(new Main());
    line.getSubcommands().values().forEach(Main::addHelp);
    return line.setExecutionExceptionHandler(new Failures())
        .setParameterExceptionHandler(new UsageErrors());
  }

  // Picocli's own option would come with a version for each command.
  private static void addHelp(CommandLine command) {
    var spec = command.getCommandSpec();
    if (spec.findOption("--help") == null) {
      spec.addOption(
          OptionSpec.builder("-h", "--help")
              .usageHelp(true)
              .description("shows this help")
              .build());
    }
    command.getSubcommands().values().forEach(Main::addHelp);
  }

  /// The version of the jar this runs from.
  static final class Version implements CommandLine.IVersionProvider {

    /// The version, or what stands for it where there is no jar.
    static String text() {
      return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
          .orElse("(unpackaged)");
    }

    @Override
    public String[] getVersion() {
      return new String[] {"starling " + text()};
    }
  }
}
