package io.starling.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;

/// The commands that there are, groups of them left out, and those for the launcher alone.
final class Commands {

  private Commands() {}

  /// Each by its words, without `starling`.
  static List<String> names() {
    return all().stream()
        .map(command -> command.getCommandSpec().qualifiedName().replaceFirst("^starling ?", ""))
        .toList();
  }

  static List<CommandLine> all() {
    var all = new ArrayList<CommandLine>();
    collect(Main.commandLine(Map.of(), System.in), all);
    return all;
  }

  private static void collect(CommandLine command, List<CommandLine> all) {
    if (command.getCommandSpec().usageMessage().hidden()) {
      return;
    }
    if (command.getSubcommands().isEmpty() && !(command.getCommand() instanceof HelpCommand)) {
      all.add(command);
    }
    command.getSubcommands().values().forEach(below -> collect(below, all));
  }
}
