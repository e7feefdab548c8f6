package io.starling.simulation.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptTextTest {

  private final Regions regions = Regions.of(9, 3);
  private final ScriptText text = new ScriptText(regions);

  @Test
  void nodesAreSpreadOverRegionsAndNamedByThem() {
    assertThat(regions.names()).containsExactly("eu", "us", "ap");
    assertThat(regions.nodesOf(1)).containsExactly(3, 4, 5);
    assertThat(regions.name(5)).isEqualTo("us-3");
    assertThat(Regions.of(5, 2).regionOf()).containsExactly(0, 0, 0, 1, 1);
    assertThat(Regions.of(3, 1).name(2)).isEqualTo("node-3");
    assertThatThrownBy(() -> Regions.of(2, 3)).hasMessageContaining("3 regions need as many nodes");
    assertThatThrownBy(() -> Regions.of(9, 9)).hasMessageContaining("1 to 8 regions, not 9");
  }

  @Test
  void aClustersShapeIsRead() {
    var shape = Regions.read("berlin: n1, n2|oslo:n3 | alone: alone");

    assertThat(shape.names()).containsExactly("berlin", "oslo", "alone");
    assertThat(shape.find("berlin")).containsExactly(0, 1);
    assertThat(shape.find("n3")).containsExactly(2);
    assertThat(shape.find("alone")).containsExactly(3);
    assertThat(shape.text()).isEqualTo("berlin: n1,n2 | oslo: n3 | alone: alone");
    assertThat(Regions.read(shape.text())).isEqualTo(shape);
    assertThat(shape.isUsual()).isFalse();
    assertThat(Regions.read(Regions.of(5, 2).text()).isUsual()).isTrue();
    assertThatThrownBy(() -> Regions.read("berlin: oslo | oslo: n3"))
        .hasMessageContaining("'oslo' is a site and a node");
    assertThatThrownBy(() -> Regions.read("berlin: berlin, n2"))
        .hasMessageContaining("'berlin' is a site and a node");
  }

  @Test
  void eachKindOfStepIsRead() {
    var steps =
        text.parse(
            """
            # a bad day
            10s..40s: split eu | us,ap-1

            500ms..2s: oneway eu-2 > us   # only there
            1m..2m: stop us-1
            20s..22s: pause ap
            25s..30s: slow eu,us - ap 300ms 5%
            25s..30s: slow eu - us 1s
            """);

    assertThat(steps).hasSize(6);
    assertThat(steps.get(0))
        .isEqualTo(
            new Step.Split(
                new Step.Span(Duration.ofSeconds(10), Duration.ofSeconds(40)),
                List.of(List.of(0, 1, 2), List.of(3, 4, 5, 6)),
                "10s..40s: split eu | us,ap-1"));
    assertThat(steps.get(1)).extracting("from", "to").containsExactly(List.of(1), List.of(3, 4, 5));
    assertThat(steps.get(1).span().from()).isEqualTo(Duration.ofMillis(500));
    assertThat(steps.get(2)).extracting("nodes").isEqualTo(List.of(3));
    assertThat(steps.get(3)).extracting("nodes").isEqualTo(List.of(6, 7, 8));
    assertThat(steps.get(4))
        .extracting("one", "other", "delay", "lossPerMille")
        .containsExactly(List.of(0, 1, 2, 3, 4, 5), List.of(6, 7, 8), Duration.ofMillis(300), 50);
    assertThat(steps.get(5)).extracting("lossPerMille").isEqualTo(0);
  }

  @Test
  void whatClientsWriteIsRead() {
    var steps =
        text.parse(
            """
            12s: eu-1 set price/tea 300
            12s: us-1 set label/tea green tea
            13s: us-2 add cart/ada milk
            13s: us-2 take cart/ada tea
            14s: ap-1 count stock/tea -2
            15s: ap-1 remove price/tea
            """);

    var price = Path.of("price/tea");
    assertThat(steps)
        .extracting(step -> ((Step.Write) step).mutation())
        .containsExactly(
            new Mutation.Set(price, new Value.Int(300), ReadRule.LATEST),
            new Mutation.Set(Path.of("label/tea"), new Value.Text("green tea"), ReadRule.LATEST),
            new Mutation.AddElement(Path.of("cart/ada"), new Value.Text("milk")),
            new Mutation.RemoveElement(Path.of("cart/ada"), new Value.Text("tea")),
            new Mutation.Increment(Path.of("stock/tea"), -2),
            new Mutation.Remove(price));
  }

  @Test
  void everyStepReadsAgainAsItIsTold() {
    var steps =
        text.parse(
            "1s..2s: split eu | us\n1s..2s: oneway eu > us\n3s..4s: stop ap\n3s..4s: pause us-2\n"
                + "5s..6s: slow eu - us 20ms 1%\n7s: eu-1 count a 1");

    steps.forEach(step -> assertThat(text.parse(step.text())).containsExactly(step));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      value = {
        "10s..40s: shake eu@ no step 'shake'; there are split, oneway",
        "10s..40s: split eu@ two groups or more",
        "10s..40s: split eu | eu-1@ eu-1 is in two groups",
        "10s..40s: split eu | mars@ no region or node 'mars'; there are eu, us, ap, eu-1",
        "10s..40s: split eu | @ a name is missing",
        "40s..10s: stop eu@ a span must end after it begins: 40s..10s",
        "10..40s: stop eu@ no time '10'; write it as 500ms",
        "soon: stop eu@ write it as in",
        "10s..40s: oneway eu us@ write it as in '10s..40s: oneway eu > us'",
        "10s..40s: slow eu us@ slow eu - us 300ms 5%",
        "12s: eu set a 1@ 'eu' is a region; a client writes to one node",
        "12s: eu-1 push a 1@ no write 'push'; there are set, add",
        "12s: eu-1 set a@ a value is missing",
        "12s: eu-1 count a x@ no whole number 'x'",
      })
  void whatCannotBeReadIsNamedWithItsLine(String line, String why) {
    assertThatThrownBy(() -> text.parse("\n" + line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("line 2, '")
        .hasMessageContaining(why);
  }

  @Test
  void aCommentBeginsALineOrFollowsASpace() {
    var steps = text.parse("\uFEFF# first\r\n12s: eu-1 set a/b x#y # of no account\r\n");

    assertThat(steps).extracting(Step::text).containsExactly("12s: eu-1 set a/b x#y");
    assertThat(text.step("12s: eu-1 set a/b x # y").text()).isEqualTo("12s: eu-1 set a/b x # y");
  }

  @Test
  void whatIsTooLongIsRefusedAndNotRepeated() {
    var line = "12s: eu-1 set a/b " + "x".repeat(200_000);
    assertThatThrownBy(() -> text.parse(line))
        .hasMessageContaining("a step has at most 1000 characters")
        .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(200));
    assertThatThrownBy(() -> text.partition("1s..2s: " + "eu,".repeat(1_000)))
        .hasMessageContaining("at most 1000 characters");
    assertThatThrownBy(() -> text.parse("1s..5s: slow eu - us 5m"))
        .hasMessageContaining("a delay of at most 2s, not 5m");
    assertThatThrownBy(() -> new Script(regions, Duration.ofMinutes(1), List.of()))
        .hasMessageContaining("a delay of at most 2s, not 60000ms");
  }
}
