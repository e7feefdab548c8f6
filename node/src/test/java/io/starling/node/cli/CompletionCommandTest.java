package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The script, as bash runs it.
final class CompletionCommandTest {

  @TempDir private Path directory;

  /// What bash would offer for the last of some words.
  private List<String> offered(String words) throws Exception {
    var script =
        Files.writeString(
            directory.resolve("completion"), Shell.run("completion", "bash").orFail());
    var ask =
        """
        set -eu
        source %s
        complete -p starling >/dev/null
        COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"
        COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
        function_name=$(complete -p starling | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        set +eu
        $function_name
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(script, words);
    var bash = new ProcessBuilder("bash", "--norc", "-c", ask).redirectErrorStream(true).start();
    var out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(bash.exitValue()).as(out).isZero();
    return out.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "starling sta, status",
    "starling context us, use",
    "starling support-, support-bundle",
    "starling top --inter, --interval",
    "starling doctor --conf, --config",
    "starling simulate --scenario split, split-brain"
  })
  void wordsAreCompleted(String words, String completion) throws Exception {
    assertThat(offered(words)).contains(completion);
  }

  @Test
  void allThatFollowsIsOffered() throws Exception {
    assertThat(offered("starling ''")).contains("up", "get", "doctor", "context");
    assertThat(offered("starling context ''")).contains("list", "use", "show", "set", "remove");
    assertThat(offered("starling completion ''")).contains("bash", "zsh");
  }

  @Test
  void zshHasTheSameScript() {
    assertThat(Shell.run("completion", "zsh").orFail())
        .isEqualTo(Shell.run("completion", "bash").orFail())
        .contains("bashcompinit");
  }
}
