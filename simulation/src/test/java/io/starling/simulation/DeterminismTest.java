package io.starling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.scenario.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One seed, one run: in one JVM, and in another one with another collector and another salt.
final class DeterminismTest {

  private static final long SEED = 4_711;
  private static final int NODES = 4;
  private static final Duration DURATION = Duration.ofSeconds(6);
  private static final long JVM_SECONDS = 120;

  @ParameterizedTest
  @EnumSource(Scenario.class)
  void oneSeedGivesOneTrace(Scenario scenario) {
    assertThat(hash(scenario, SEED)).isEqualTo(hash(scenario, SEED));
  }

  @Test
  void anotherSeedGivesAnotherTrace() {
    assertThat(hash(Scenario.SWARM, SEED)).isNotEqualTo(hash(Scenario.SWARM, SEED + 1));
  }

  @Test
  void oneSeedGivesOneTraceInTwoJvms() throws IOException, InterruptedException {
    var here = hash(Scenario.SWARM, SEED);

    assertThat(elsewhere("-XX:+UseSerialGC", "-Xint", "-XX:hashCode=2")).isEqualTo(here);
    assertThat(elsewhere("-XX:+UseParallelGC", "-Xmx512m")).isEqualTo(here);
  }

  private static String hash(Scenario scenario, long seed) {
    return Simulation.run(Plan.of(scenario, seed, NODES, DURATION)).traceHash();
  }

  private static String elsewhere(String... flags) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UnlockExperimentalVMOptions");
    command.addAll(List.of(flags));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), PrintHash.class.getName()));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(JVM_SECONDS, TimeUnit.SECONDS)).isTrue();
      return output.strip();
    } finally {
      process.destroyForcibly();
    }
  }

  /// What the other JVM runs.
  static final class PrintHash {
    private PrintHash() {}

    public static void main(String[] arguments) {
      System.out.println(hash(Scenario.SWARM, SEED));
    }
  }
}
