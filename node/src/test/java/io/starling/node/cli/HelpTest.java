package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

final class HelpTest {

  static Stream<List<String>> commands() {
    var all = new ArrayList<List<String>>();
    collect(Main.commandLine(), List.of(), all);
    return all.stream();
  }

  private static void collect(CommandLine line, List<String> words, List<List<String>> all) {
    all.add(words);
    line.getSubcommands()
        .forEach((name, below) -> {
          var longer = new ArrayList<>(words);
          longer.add(name);
          collect(below, longer, all);
        });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandTellsHowItIsUsed(List<String> command) {
    var words = new ArrayList<>(command);
    words.add("--help");
    var result = Shell.run(words.toArray(String[]::new));
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("Usage: starling");
  }

  @Test
  void aGroupWithoutACommandSaysSoOnce() {
    var result = Shell.run("member");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err())
        .isEqualTo("starling: No command is given. 'starling member --help' helps.\n");
  }
}
