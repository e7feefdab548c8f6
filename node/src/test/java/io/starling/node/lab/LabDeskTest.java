package io.starling.node.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.starling.node.lab.LabRun.State;
import io.starling.simulation.workload.WorkloadKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The lab, in processes that are really started.
final class LabDeskTest {

  private static final LabRequest SHORT =
      new LabRequest(
          "berlin: n1,n2 | oslo: n3",
          List.of("1s..2s: split berlin | oslo"),
          WorkloadKind.SHOP,
          Duration.ofSeconds(3),
          7);

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void aRunIsShownByItsReportAndAnotherWaits() {
    try (var desk = new LabDesk(InstantSource.system())) {
      assertThat(desk.start(SHORT)).hasValueSatisfying(it -> assertThat(it.number()).isOne());
      assertThat(desk.start(SHORT)).as("while another runs").isEmpty();
      assertThat(desk.report()).isEmpty();

      var run = ended(desk);

      assertThat(run.state()).as(run.lines().toString()).isEqualTo(State.DONE);
      assertThat(run.lines())
          .contains("1s..2s: split berlin | oslo", "all nodes are the same; every check held")
          .noneMatch(line -> line.contains("report.html"));
      assertThat(new String(desk.report().orElseThrow(), StandardCharsets.UTF_8))
          .startsWith("<!doctype html>")
          .contains("n1", "n2", "n3", "oslo");
      assertThat(run.request().command())
          .isEqualTo(
              "starling simulate --scenario calm --seed 7 --duration 3000ms"
                  + " --workload shop --sites 'berlin: n1,n2 | oslo: n3'"
                  + " --step '1s..2s: split berlin | oslo'");
    }
  }

  @Test
  void oneThatTakesTooLongIsBrokenOff() {
    try (var desk =
        new LabDesk(List.of("/bin/sh", "-c", "sleep 60"), Duration.ofMillis(50), clock())) {
      desk.start(SHORT);

      assertThat(ended(desk).state()).isEqualTo(State.FAILED);
      assertThat(desk.last().orElseThrow().lines().getFirst()).contains("broken off");
    }
  }

  @Test
  void oneThatCannotRunSaysWhy() {
    try (var desk =
        new LabDesk(List.of("/bin/sh", "-c", "echo no memory; exit 3"), PATIENCE, clock())) {
      desk.start(SHORT);

      assertThat(ended(desk).state()).isEqualTo(State.FAILED);
      assertThat(desk.last().orElseThrow().lines()).containsExactly("no memory");
      assertThat(desk.start(SHORT)).as("it may be tried again").isPresent();
    }
  }

  @Test
  void aReportThatBrokeOffIsNone() {
    var script = "eval \"page=\\${$#}\"; echo half > \"$page\"; echo no room in $page; exit 2";
    try (var desk = new LabDesk(List.of("/bin/sh", "-c", script, "sh"), PATIENCE, clock())) {
      desk.start(SHORT);

      assertThat(ended(desk).state()).isEqualTo(State.FAILED);
      assertThat(desk.last().orElseThrow().lines()).containsExactly("no room in its file");
      assertThat(desk.report()).isEmpty();
    }
  }

  @Test
  void whatItSaysMayBeAnyBytes() {
    try (var desk =
        new LabDesk(List.of("/bin/sh", "-c", "printf 'a\\377b'; exit 9"), PATIENCE, clock())) {
      desk.start(SHORT);

      assertThat(ended(desk).lines()).containsExactly("a\uFFFDb");
    }
  }

  @Test
  void aReportThatIsTooLargeIsNotKept() {
    var script = "eval \"page=\\${$#}\"; head -c 8388609 /dev/zero > \"$page\"";
    try (var desk = new LabDesk(List.of("/bin/sh", "-c", script, "sh"), PATIENCE, clock())) {
      desk.start(SHORT);

      assertThat(ended(desk).state()).isEqualTo(State.FAILED);
      assertThat(desk.last().orElseThrow().lines().getFirst()).contains("more than 8388608 bytes");
      assertThat(desk.report()).isEmpty();
    }
  }

  @Test
  void whatHasEndedRunsNoMore() {
    var desk = new LabDesk(List.of("/bin/sh", "-c", "sleep 60"), PATIENCE, clock());
    desk.start(SHORT);
    desk.close();

    assertThat(ended(desk).state()).isEqualTo(State.FAILED);
    assertThat(desk.start(SHORT)).isEmpty();
  }

  @Test
  void requestsHaveLimits() {
    var steps = Collections.nCopies(LabRequest.STEPS_MAX + 1, "1s..2s: stop n1");
    refused("n1", List.of(), Duration.ofSeconds(1), "write sites as in");
    refused("a: n1 | b: n1", List.of(), Duration.ofSeconds(1), "'n1' is there twice");
    refused("a: b | b: n1", List.of(), Duration.ofSeconds(1), "'b' is a site and a node");
    refused("a: n 1", List.of(), Duration.ofSeconds(1), "no name 'n 1'");
    refused("a: n1", List.of("1s..2s: stop n2"), Duration.ofSeconds(3), "no region or node 'n2'");
    refused("a: n1", List.of("1s..9s: stop n1"), Duration.ofSeconds(3), "ends after the run");
    refused("a: n1", steps, Duration.ofSeconds(3), "at most 50 steps, not 51");
    refused("a: n1", List.of(), LabRequest.DURATION_MAX.plusSeconds(1), "at most 120 s, not 121");
    var many = new StringBuilder("a: n0");
    for (int i = 1; i <= 16; i++) {
      many.append(",n").append(i);
    }
    refused(many.toString(), List.of(), Duration.ofSeconds(1), "1 to 16 nodes, not 17");
    var sites = "a: 1 | b: 2 | c: 3 | d: 4 | e: 5 | f: 6 | g: 7 | h: 8 | i: 9";
    refused(sites, List.of(), Duration.ofSeconds(1), "at most 8 sites, not 9");
    var longStep = "1s..2s: stop n1" + " ".repeat(1_000);
    refused("a: n1", List.of(longStep), Duration.ofSeconds(3), "at most 1000 characters");
    refused("a: " + "n".repeat(2_000), List.of(), Duration.ofSeconds(1), "2000 characters");
  }

  private static void refused(String sites, List<String> steps, Duration duration, String why) {
    assertThatThrownBy(() -> new LabRequest(sites, steps, WorkloadKind.SHOP, duration, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  private static InstantSource clock() {
    return InstantSource.system();
  }

  private static LabRun ended(LabDesk desk) {
    return await()
        .atMost(PATIENCE)
        .until(() -> desk.last().orElseThrow(), run -> run.state() != State.RUNNING);
  }
}
