package io.starling.simulation.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.starling.simulation.Plan;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.script.Regions;
import io.starling.simulation.script.Script;
import io.starling.simulation.script.ScriptText;
import io.starling.simulation.workload.WorkloadKind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabTest {

  private final Regions regions = Regions.of(4, 2);

  private Plan plan(WorkloadKind workload, String... lines) {
    var steps = new ScriptText(regions).parse(String.join("\n", lines));
    return Plan.of(Scenario.CALM, 7, 4, Duration.ofSeconds(20))
        .with(workload, new Script(regions, Script.WAN, steps));
  }

  private static LabResult run(Plan plan) {
    var result = Lab.run(plan, _ -> {});
    assertThat(result.report().failure()).isEmpty();
    return result;
  }

  @Test
  void whatBothSidesWroteIsToldWithWhatItComesTo() {
    var result =
        run(
            plan(
                WorkloadKind.NONE,
                "1s: eu-1 set price/tea 100",
                "1s: eu-1 count stock/tea 50",
                "1s: eu-1 add cart/ada milk",
                "5s..15s: split eu | us",
                "6s: eu-1 set price/tea 200",
                "7s: us-1 set price/tea 300",
                "8s: eu-2 count stock/tea -3",
                "8s: us-2 count stock/tea -4",
                "9s: eu-2 take cart/ada milk",
                "9s: us-2 add cart/ada tea",
                "10s: eu-1 set price/milk 90"));

    assertThat(result.healings()).hasSize(1);
    var healing = result.healings().getFirst();
    assertThat(healing.convergedMillis()).isPresent();
    assertThat(healing.sides())
        .containsExactly(
            new Healing.Side(List.of("eu-1", "eu-2"), 4, 3),
            new Healing.Side(List.of("us-1", "us-2"), 3, 4));
    assertThat(healing.conflictsAll()).isEqualTo(3);
    assertThat(healing.conflicts())
        .extracting(
            Healing.Conflict::key,
            Healing.Conflict::before,
            Healing.Conflict::sides,
            Healing.Conflict::merged)
        .containsExactly(
            tuple("cart/ada", "{ milk }", List.of("nothing", "{ milk, tea }"), "{ tea }"),
            tuple("price/tea", "100", List.of("200", "300"), "300"),
            tuple("stock/tea", "50", List.of("47", "46"), "43"));
    assertThat(result.written()).isEqualTo(10);
  }

  @Test
  void whileItLastsNodesLackWhatTheOthersWriteAndGoOnWriting() {
    var result = run(plan(WorkloadKind.SHOP, "5s..15s: split eu | us", "6s..9s: stop us-2"));

    var during =
        result.samples().stream()
            .filter(sample -> sample.atMillis() > 10_000 && sample.atMillis() < 15_000)
            .toList();
    assertThat(during)
        .isNotEmpty()
        .allSatisfy(sample -> {
          assertThat(sample.nodes()).allMatch(node -> node.lacks() > 0);
          assertThat(sample.cutLinks()).containsExactly(0, 1_000, 0);
        });
    assertThat(result.samples().getLast().nodes()).allMatch(node -> node.lacks() == 0);
    assertThat(result.samples().stream().map(sample -> sample.nodes().getLast().state()))
        .contains(Sample.State.DOWN);
    assertThat(result.healings().getFirst().sides())
        .allMatch(side -> side.written() > 0 && side.lacked() > 0);
    assertThat(result.bytes()).containsKeys("batches", "beacons", "pulls");
    assertThat(result.bytes().values().stream().mapToLong(it -> it).sum())
        .isLessThanOrEqualTo(result.report().counts().get("bytes"));
  }

  @Test
  void theSamePlanGivesTheSameReport() {
    var plan = plan(WorkloadKind.SHOP, "2s..4s: oneway eu > us", "3s..5s: slow eu - us 300ms 5%");

    assertThat(run(plan).json()).isEqualTo(run(plan).json());
  }

  @Test
  void thePageNeedsNothingBesideItAndShowsNothingAsMarkup() {
    var page =
        run(plan(
                WorkloadKind.NONE,
                "5s..9s: split eu | us",
                "6s: eu-1 set a <b>",
                "6s: us-1 set a &"))
            .html();

    assertThat(page).startsWith("<!doctype html>").contains("&lt;b&gt;", "prefers-color-scheme");
    assertThat(page).doesNotContain("<script", "<link", "src=", "url(", "http:", "https:", "<b>b");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> plan(WorkloadKind.NONE, "5s..25s: split eu | us"))
        .hasMessageContaining("'5s..25s: split eu | us' ends after the run, which lasts 20000ms");
    var script = new Script(Regions.of(5, 2), Script.WAN, List.of());
    var plan = Plan.of(Scenario.CALM, 7, 4, Duration.ofSeconds(20));
    assertThatThrownBy(() -> plan.with(WorkloadKind.NONE, script))
        .hasMessageContaining("a script for 5 nodes, and there are 4");
  }

  @Test
  void whatWasUnderWayWhenTheCutCameWasNotChangedOnTheOtherSide() {
    var result =
        run(
            plan(
                WorkloadKind.NONE,
                "9990ms: eu-1 set price/tea 1",
                "10s..15s: split eu | us",
                "11s: eu-1 set price/tea 2"));

    assertThat(result.healings().getFirst().conflictsAll()).isZero();
    assertThat(result.html()).contains("No key was changed on more than one side.");
  }

  @Test
  void writesThatNobodyTookAreCounted() {
    var result =
        run(
            plan(
                WorkloadKind.NONE,
                "2s..4s: stop us-1",
                "3s: us-1 set a/x 1",
                "5s..7s: pause us-1",
                "6s: us-1 set a/y 1"));

    assertThat(result.written()).isEqualTo(1);
    assertThat(result.notTaken()).isEqualTo(1);
    assertThat(result.html()).contains("1 of the script were taken by nobody");
  }

  @Test
  void aStopWithinAPauseDoesNotEndIt() {
    var result = run(plan(WorkloadKind.NONE, "1s..9s: pause us-1", "3s..5s: stop us-1"));

    var states =
        result.samples().stream()
            .filter(sample -> sample.atMillis() > 5_200 && sample.atMillis() < 8_900)
            .map(sample -> sample.nodes().get(2).state());
    assertThat(states).isNotEmpty().containsOnly(Sample.State.PAUSED);
  }

  @Test
  void aRemovalIsToldAsOne() {
    var result =
        run(
            plan(
                WorkloadKind.NONE,
                "1s: eu-1 set price/tea 1",
                "2s..8s: oneway eu > us",
                "4s: us-1 set price/tea 5",
                "3s: eu-1 remove price/tea"));

    var healing = result.healings().getFirst();
    assertThat(healing.isOneWay()).isTrue();
    assertThat(result.html()).contains("what eu sent did not reach us");
    assertThat(healing.conflicts())
        .extracting(Healing.Conflict::merged, Healing.Conflict::rule)
        .allMatch(told -> !told.toList().contains("the latest write is read"));
  }

  @Test
  void aNamedScenarioGoesWithoutAScript() {
    var script = new Script(regions, Script.WAN, List.of());
    var plan = Plan.of(Scenario.LOSSY, 7, 4, Duration.ofSeconds(20));
    assertThatThrownBy(() -> plan.with(WorkloadKind.SHOP, script))
        .hasMessageContaining("go with the scenario calm only");
  }

  @Test
  void theCommandThatRunsItAgainIsOneThatAShellTakes() {
    var plan = plan(WorkloadKind.NONE, "1s: eu-1 set a/b it's");

    assertThat(plan.command()).endsWith("--step '1s: eu-1 set a/b it'\\''s'");
  }
}
