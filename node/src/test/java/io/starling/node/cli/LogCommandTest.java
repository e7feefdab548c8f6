package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class LogCommandTest {

  private static final String LOGGER = "io.starling.tried.command";

  @TempDir private static Path directory;
  private static RunningNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new RunningNode(directory.resolve("data"));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Shell.Result log(String... words) {
    var all = new java.util.ArrayList<String>();
    all.add("log");
    all.addAll(java.util.List.of(words));
    all.addAll(java.util.List.of("--data", node.data(), "--node", "1"));
    return Shell.at(directory).execute(all.toArray(String[]::new));
  }

  @Test
  void aLevelIsChangedListedAndTakenBack() {
    assertThat(log("level", LOGGER, "debug").orFail())
        .isEqualTo("DEBUG " + LOGGER + "  (changed)\n");
    assertThat(LoggerFactory.getLogger(LOGGER).isDebugEnabled()).isTrue();
    assertThat(log("list").orFail()).contains("DEBUG " + LOGGER + "  (changed)\n");
    assertThat(log("level", LOGGER, "reset", "--json").orFail()).contains("\"changed\":false");
    assertThat(LoggerFactory.getLogger(LOGGER).isDebugEnabled()).isFalse();
  }

  @Test
  void whatMayNotBeIsRefusedOnOneLine() {
    var refused = log("level", "io.netty", "TRACE");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).startsWith("starling: ").contains("secrets").hasLineCount(1);
    assertThat(log("level", LOGGER, "LOUD").err()).contains("OFF, ERROR, WARN");
  }
}
