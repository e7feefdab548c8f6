package io.starling.node.cli;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_FOOTER;

import io.starling.node.cli.backup.BackupCommand;
import io.starling.node.cli.bundle.SupportBundleCommand;
import io.starling.node.cli.context.ContextCommand;
import io.starling.node.cli.doctor.DoctorCommand;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.Failures;
import io.starling.node.cli.outcome.ProgramVersion;
import io.starling.node.cli.outcome.UsageErrors;
import io.starling.node.cli.terminal.Palette;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.cli.top.TopCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
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
    versionProvider = ProgramVersion.class,
    description = "A leaderless replicator of shared state.",
    subcommands = {
      HelpCommand.class,
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      TopCommand.class,
      DoctorCommand.class,
      SupportBundleCommand.class,
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
      ExportCommand.class,
      ImportCommand.class,
      SpaceCommand.class,
      BackupCommand.class,
      TokenCommand.class,
      LogCommand.class,
      ReceiptCommand.class,
      ContextCommand.class,
      CompletionCommand.class,
      VersionCommand.class,
      BenchCommand.class,
      SimulateCommand.class,
    })
public final class Main extends CommandGroup implements Surroundings {

  private final Map<String, String> environment;
  private final InputStream input;

  Main(Map<String, String> environment, InputStream input) {
    this.environment = Map.copyOf(environment);
    this.input = input;
  }

  @Override
  public Map<String, String> environment() {
    return environment;
  }

  @Override
  public InputStream input() {
    return input;
  }

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

  /// The whole command line, in this process' surroundings.
  static CommandLine commandLine() {
    return commandLine(System.getenv(), System.in);
  }

  static CommandLine commandLine(Map<String, String> environment, InputStream input) {
    var line = new CommandLine(new Main(environment, input));
    line.getSubcommands().values().forEach(Main::addCommon);
    // Keys and values come from others: "@file" among them is text, and reads nobody's file.
    return line.setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new Failures())
        .setParameterExceptionHandler(new UsageErrors());
  }

  // Picocli's own option would come with a version for each command.
  private static void addCommon(CommandLine command) {
    var spec = command.getCommandSpec();
    if (spec.findOption("--help") == null) {
      spec.addOption(
          OptionSpec.builder("-h", "--help")
              .usageHelp(true)
              .description("shows this help")
              .build());
    }
    if (command.getSubcommands().isEmpty() && !(spec.userObject() instanceof HelpCommand)) {
      spec.addOption(Palette.option());
    }
    spec.usageMessage().sectionMap().put(SECTION_KEY_FOOTER, Examples::section);
    command.getSubcommands().values().forEach(Main::addCommon);
  }
}
