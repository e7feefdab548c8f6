package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Holds the reference in docs/cli.md and the commands together. To write it anew, run this test
/// with `-Dstarling.docs.write=true`.
final class CliReferenceTest {

  private static final Path PAGE = Path.of("..", "docs", "cli.md");
  private static final String BEGIN = "<!-- Below: written by CliReferenceTest. -->";

  // What every command has is told once, above.
  private static final List<String> COMMON = List.of("--help", "--color");

  private static String reference() {
    var text = new StringBuilder(BEGIN).append("\n");
    for (var command : Commands.all()) {
      section(text, command);
    }
    return text.toString();
  }

  private static void section(StringBuilder text, CommandLine command) {
    var spec = command.getCommandSpec();
    var name = spec.qualifiedName().replaceFirst("^starling ", "");
    text.append("\n### ").append(name).append("\n\n");
    text.append(String.join(" ", spec.usageMessage().description()).replace("%n", " "));
    text.append("\n\n```\n").append(synopsis(spec)).append("\n```\n\n");
    var rows = rows(spec);
    if (!rows.isEmpty()) {
      text.append("| | |\n|---|---|\n").append(String.join("\n", rows)).append("\n");
    }
    var examples = Examples.all().getOrDefault(name, List.of());
    if (!examples.isEmpty()) {
      text.append("\n```\n").append(String.join("\n", examples)).append("\n```\n");
    }
  }

  private static String synopsis(CommandSpec spec) {
    var words = new ArrayList<>(List.of(spec.qualifiedName()));
    spec.positionalParameters()
        .forEach(
            it -> words.add(it.arity().min() > 0 ? it.paramLabel() : "[" + it.paramLabel() + "]"));
    spec.options().stream()
        .filter(it -> it.required() && it.group() == null)
        .forEach(it -> words.add(named(it)));
    for (var group : spec.argGroups()) {
      if (group.exclusive() && group.multiplicity().min() > 0) {
        var choice = group.options().stream().map(CliReferenceTest::named);
        words.add(choice.collect(Collectors.joining(" | ", "(", ")")));
      }
    }
    words.add("[OPTIONS]");
    return String.join(" ", words);
  }

  private static String named(OptionSpec option) {
    boolean isFlag = option.arity().max() == 0;
    return option.longestName() + (isFlag ? "" : " " + option.paramLabel());
  }

  private static List<String> rows(CommandSpec spec) {
    var rows = new ArrayList<String>();
    for (var parameter : spec.positionalParameters()) {
      rows.add("| `" + parameter.paramLabel() + "` | " + cell(parameter.description()) + " |");
    }
    for (var option : spec.options()) {
      if (option.hidden() || COMMON.contains(option.longestName())) {
        continue;
      }
      var names = String.join("`, `", option.names());
      boolean isFlag = option.arity().max() == 0;
      var label = isFlag ? "" : " " + option.paramLabel();
      rows.add("| `" + names + label + "` | " + cell(option.description()) + " |");
    }
    return rows;
  }

  private static String cell(String[] description) {
    return String.join(" ", description).replace("%n", " ").replace("%%", "%").replace("|", "\\|");
  }

  @Test
  void everyCommandAndOptionIsInTheReference() throws IOException {
    var page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    assertThat(begin).as("the page has the mark that the reference begins at").isPositive();
    if (Boolean.getBoolean("starling.docs.write")) {
      Files.writeString(PAGE, page.substring(0, begin) + reference());
    }
    assertThat(Files.readString(PAGE).substring(begin)).isEqualTo(reference());
  }

  @Test
  void everyCommandAndOptionIsDescribed() {
    for (var command : Commands.all()) {
      var spec = command.getCommandSpec();
      assertThat(spec.usageMessage().description()).as(spec.qualifiedName()).isNotEmpty();
      for (var option : spec.options()) {
        assertThat(option.description())
            .as(spec.qualifiedName() + " " + option.longestName())
            .isNotEmpty();
      }
    }
  }

  @Test
  void everyCommandHasExamples() {
    assertThat(Examples.all()).containsOnlyKeys(Commands.names());
  }

  static Stream<String> examples() {
    return Examples.all().values().stream().flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void examplesCanBeParsed(String example) {
    // As far as the shell would hand it on: quotes undone, redirections left out.
    var words = new ArrayList<String>();
    var matcher =
        java.util.regex.Pattern.compile("'([^']*)'|(\\S+)")
            .matcher(example.replaceFirst(" [<>] .*", ""));
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    assertThat(words.getFirst()).isEqualTo("starling");
    var line = Main.commandLine(Map.of(), System.in);
    var parsed = line.parseArgs(words.subList(1, words.size()).toArray(String[]::new));
    assertThat(parsed.hasSubcommand()).isTrue();
  }
}
