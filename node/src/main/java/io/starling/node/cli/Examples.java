package io.starling.node.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Help;

/// Examples of each command, for its help and for the reference. They are in `examples.txt`: the
/// command without `starling` alone on a line, then indented examples of it.
final class Examples {

  private static final String FILE = "examples.txt";

  private Examples() {}

  /// The examples of all commands.
  static Map<String, List<String>> all() {
    var all = new TreeMap<String, List<String>>();
    var command = "";
    for (var line : text().lines().toList()) {
      if (line.startsWith(" ")) {
        all.computeIfAbsent(command, _ -> new ArrayList<>()).add(line.strip());
      } else if (!line.isBlank() && !line.startsWith("#")) {
        command = line.strip();
      }
    }
    return all;
  }

  /// What stands at the end of a command's help.
  static String section(Help help) {
    var name = help.commandSpec().qualifiedName().replaceFirst("^starling ?", "");
    var lines = all().getOrDefault(name, List.of());
    if (lines.isEmpty()) {
      return "";
    }
    var end = System.lineSeparator();
    return end + "Examples:" + end + "  " + String.join(end + "  ", lines) + end;
  }

  private static String text() {
    try (var in = Examples.class.getResourceAsStream(FILE)) {
      var bytes = Optional.ofNullable(in).orElseThrow().readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException impossible) {
      throw new UncheckedIOException("the jar lacks " + FILE, impossible);
    }
  }
}
