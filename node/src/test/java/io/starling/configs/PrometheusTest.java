package io.starling.configs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What Prometheus' own tool says of its files.
final class PrometheusTest {

  private static final Path FOLDER = Path.of("..", "cluster-configs", "prometheus");

  @Test
  void theScrapeConfigurationIsOne() throws Exception {
    promtool("check", "config", "--syntax-only", "prometheus.yml");
  }

  @Test
  void theAlertsAreRules() throws Exception {
    assertThat(promtool("check", "rules", "starling-alerts.yml")).contains("rules found");
  }

  @Test
  void theAlertsFireWhenTheyShouldAndNotBefore() throws Exception {
    promtool("test", "rules", "starling-alerts.test.yml");
  }

  private static String promtool(String... arguments) throws IOException, InterruptedException {
    // `./starling verify` puts it there where the machine does not have it.
    var fetched = Path.of("..", "target", "tools", "promtool").toAbsolutePath().normalize();
    var command = new ArrayList<String>();
    command.add(Files.isExecutable(fetched) ? fetched.toString() : "promtool");
    command.addAll(List.of(arguments));
    Process process;
    try {
      process =
          new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true).start();
    } catch (IOException missing) {
      throw new AssertionError(
          "promtool is missing: run ./starling verify, or install Prometheus", missing);
    }
    var out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    return out;
  }
}
