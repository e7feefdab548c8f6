package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.value.Value;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.json.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void whatBelongsToASearchStartsNothingElse() {
    for (var words : List.of(List.of("--type", "set"), List.of("--depth", "2"))) {
      var result = run("simulate", words.get(0), words.get(1));

      assertThat(result.exit()).isEqualTo(ExitCode.USAGE);
      assertThat(result.err()).contains("--exhaustive");
      assertThat(result.out()).isEmpty();
    }
    assertThat(run("simulate", "--exhaustive", "--depth", "7").err()).contains("1 to 6 updates");
  }

  @Test
  void whatDoesNotExistIsNamed() {
    assertThat(run("simulate", "--scenario", "storm").err()).contains("storm", "split-brain");
    assertThat(run("simulate", "--scenario", "storm").exit()).isEqualTo(ExitCode.USAGE);
    assertThat(run("simulate", "--duration", "60").err()).contains("'60' is no time");
    assertThat(run("simulate", "--nodes", "99").exit()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void theLabWritesAPageOrJsonAndTellsWhatCameOfEachPartition(@TempDir Path directory)
      throws Exception {
    var scenario = Files.writeString(directory.resolve("day.txt"), "2s..4s: stop us-1\n");
    var page = directory.resolve("report.html");
    var words =
        new ArrayList<>(List.of("simulate", "--nodes", "4", "--regions", "2", "--duration", "6s"));
    words.addAll(List.of("--partition", "1s..5s: eu | us", "--workload", "shop"));
    words.addAll(List.of("--scenario", scenario.toString(), "--report", page.toString()));

    var told = run(words.toArray(String[]::new));

    assertThat(told.exit()).isEqualTo(ExitCode.DONE);
    assertThat(told.out())
        .contains("1s..5s: split eu | us", "eu-1, eu-2: ", "after its end", "every check held");
    assertThat(Files.readString(page)).contains("One partition, and all nodes are the same again");

    var json = directory.resolve("report.json");
    words.set(words.size() - 1, json.toString());
    words.add("--json");
    var printed = run(words.toArray(String[]::new));
    assertThat(JsonText.parse(printed.out())).isEqualTo(JsonText.parse(Files.readString(json)));
    assertThat(printed.out()).contains("\"healings\":[{\"step\":\"1s..5s: split eu | us\"");
  }

  @Test
  void whatTheLabCannotDoIsSaidBeforeItBegins(@TempDir Path directory) {
    var partition = List.of("simulate", "--regions", "3", "--partition");

    assertThat(refused(partition, "10..40s: eu | us")).contains("no time '10'");
    assertThat(refused(partition, "1s..5s: eu | mars")).contains("no region or node 'mars'");
    assertThat(refused(partition, "1s..500s: eu | us")).contains("ends after the run");
    assertThat(refused(partition, "1s..5s: eu | us", "--sweep", "3"))
        .contains("--sweep and --minutes go without");
    assertThat(refused(partition, "1s..5s: eu | us", "--workload", "zoo"))
        .contains("no workload 'zoo'; there are mixed, none, shop");
    assertThat(refused(partition, "1s..5s: eu | us", "--report", directory.toString()))
        .contains("is a directory");
    assertThat(refused(partition, "1s..5s: eu | us", "--scenario", "./no-such-file"))
        .contains("there is no scenario file");
    assertThat(refused(List.of("simulate", "--regions"), "9")).contains("1 to 8 regions, not 9");
  }

  private static String refused(List<String> first, String... rest) {
    var words = new ArrayList<>(first);
    words.addAll(List.of(rest));
    var result = run(words.toArray(String[]::new));
    assertThat(result.exit()).isEqualTo(ExitCode.USAGE);
    return result.err();
  }
}
