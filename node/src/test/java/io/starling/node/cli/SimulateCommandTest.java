package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.value.Value;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.json.JsonText;
import org.junit.jupiter.api.Test;

final class SimulateCommandTest {

  private record Result(int exit, String out, String err) {}

  private static Result run(String... words) {
    var result = Shell.run(words);
    return new Result(result.exit(), result.out(), result.err());
  }

  @Test
  void aRunThatHoldsEndsWithDone() {
    var result =
        run(
            "simulate",
            "--scenario",
            "split-brain",
            "--seed",
            "7",
            "--nodes",
            "3",
            "--duration",
            "2s");

    assertThat(result.exit()).isEqualTo(ExitCode.DONE);
    assertThat(result.out()).contains("I6 nothing acknowledged is lost", "trace hash: ");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void jsonIsOneObjectWithChecks() throws Exception {
    var result =
        run(
            "simulate",
            "--scenario",
            "calm",
            "--nodes",
            "3",
            "--duration",
            "1s",
            "--sweep",
            "2",
            "--json");

    assertThat(result.exit()).isEqualTo(ExitCode.DONE);
    assertThat(JsonText.parse(result.out())).isInstanceOf(Value.Struct.class);
    assertThat(result.out())
        .contains(
            "\"checks\":[{\"name\":\"I1 dots are unique\",\"value\":0,\"target\":0,\"ok\":true")
        .contains("\"runs\":2", "\"traceHash\":\"");
  }

  @Test
  void aTraceGoesToStandardError() {
    var result = run("simulate", "--nodes", "2", "--duration", "500ms", "--trace");

    assertThat(result.err()).contains("node0  start 1", "node1 main");
  }

  @Test
  void allStatesOfATypeAreVisited() throws Exception {
    var told = run("simulate", "--exhaustive", "--type", "flag", "--depth", "3");
    var json = run("simulate", "--exhaustive", "--depth", "2", "--json");

    assertThat(told.exit()).isEqualTo(ExitCode.DONE);
    assertThat(told.out())
        .contains("ok     flag", "2,660 states of 3 replicas, up to 3 updates and 3 deliveries");
    assertThat(JsonText.parse(json.out())).isInstanceOf(Value.Struct.class);
    assertThat(json.out())
        .contains("{\"name\":\"set\",\"value\":0,\"target\":0,\"ok\":true,\"states\":356,")
        .contains("\"updates\":2,\"transfers\":2,");
  }

  @Test
  void whatDoesNotExistIsNamed() {
    assertThat(run("simulate", "--scenario", "storm").err()).contains("storm", "split-brain");
    assertThat(run("simulate", "--scenario", "storm").exit()).isEqualTo(ExitCode.USAGE);
    assertThat(run("simulate", "--duration", "60").err()).contains("'60' is no time");
    assertThat(run("simulate", "--nodes", "99").exit()).isEqualTo(ExitCode.USAGE);
  }
}
