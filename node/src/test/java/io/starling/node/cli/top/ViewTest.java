package io.starling.node.cli.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.Target;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.cli.terminal.Palette;
import io.starling.node.client.Endpoint;
import io.starling.node.json.JsonText;
import io.starling.proto.v1.CatchUpPhase;
import io.starling.proto.v1.CatchingUp;
import io.starling.proto.v1.DigestCheck;
import io.starling.proto.v1.NodeState;
import io.starling.proto.v1.PeerStatus;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What two samples say together, and how it is drawn.
final class ViewTest {

  private static final long SECOND = 1_000_000_000L;
  private static final String METRICS =
      """
      # TYPE process_cpu_usage gauge
      process_cpu_usage 0.25
      system_cpu_count 4.0
      jvm_memory_used_bytes{area="heap",id="a"} 1.048576E7
      jvm_memory_used_bytes{area="nonheap",id="b"} 1048576.0
      jvm_memory_used_bytes_other 9
      """;

  private static SpaceStatus space(Map<String, Long> vector, DigestCheck digest, long lag) {
    return SpaceStatus.newBuilder()
        .setName("main")
        .putAllVersionVector(vector)
        .setCells(1_234)
        .setBuffered(3)
        .setCondition(SpaceCondition.SPACE_CONDITION_RUNNING)
        .addPeers(PeerStatus.newBuilder().setUp(true).setLag(lag).setDigest(digest))
        .addPeers(PeerStatus.newBuilder().setLag(1))
        .build();
  }

  private static Sample sample(long nanos, SpaceStatus space) {
    var answer =
        StatusResponse.newBuilder()
            .setName("alpha\u001b[2J")
            .setState(NodeState.NODE_STATE_READY)
            .addSpaces(space)
            .build();
    var target = new Target("a", new Endpoint("h", 1, Optional.empty(), ""), Optional.empty());
    var report = new NodeReport(target, Optional.empty(), Optional.of(answer), "", false);
    var other = new Target("b", new Endpoint("h", 2, Optional.empty(), ""), Optional.empty());
    var silent = new NodeReport(other, Optional.empty(), Optional.empty(), "gone", false);
    return new Sample(
        nanos,
        List.of(
            new Sample.Entry(report, Optional.of(ProcessFigures.of(METRICS))),
            new Sample.Entry(silent, Optional.empty())));
  }

  private static View view() {
    var before =
        sample(0, space(Map.of("r1", 10L, "closed", 99L), DigestCheck.DIGEST_CHECK_EQUAL, 0));
    var now =
        sample(2 * SECOND, space(Map.of("r1", 14L, "r2", 3L), DigestCheck.DIGEST_CHECK_EQUAL, 7));
    return View.of(Optional.of(before), now, Instant.EPOCH);
  }

  @Test
  void whatWasAppliedBetweenSamplesIsARate() {
    assertThat(view().rows().getFirst().spaces().getFirst().rate()).contains(3.5);
    var first = sample(0, space(Map.of("r1", 1L), DigestCheck.DIGEST_CHECK_EQUAL, 0));
    assertThat(
            View.of(Optional.empty(), first, Instant.EPOCH)
                .rows()
                .getFirst()
                .spaces()
                .getFirst()
                .rate())
        .isEmpty();
  }

  @Test
  void programsGetOneObjectOnALine() throws Exception {
    var json = view().json();
    assertThat(json.lines()).hasSize(1);
    assertThat(JsonText.parse(json)).isInstanceOf(Value.Struct.class);
    assertThat(json)
        .contains("\"at\":\"1970-01-01T00:00:00Z\"")
        .contains("\"batchesPerSecond\":3.5", "\"lag\":7", "\"waiting\":3", "\"cells\":1234")
        .contains("\"digest\":\"equal\"", "\"peersUp\":1", "\"peers\":2", "\"running\":true")
        .contains("\"cpu\":1.0", "\"memoryBytes\":11534336.0")
        .contains("\"state\":\"unreachable\"", "\"cpu\":null");
  }

  @Test
  void whatIsTakenOverHasALineAndAField() {
    var taking =
        space(Map.of("r1", 14L), DigestCheck.DIGEST_CHECK_NOT_COMPARED, 0).toBuilder()
            .setCatchingUp(
                CatchingUp.newBuilder()
                    .setPhase(CatchUpPhase.CATCH_UP_PHASE_FETCHING)
                    .setDonorName("gamma\u001b")
                    .setDonor("00ff")
                    .setCells(200)
                    .setFetched(50)
                    .setBytes(5_000))
            .build();
    var view = View.of(Optional.empty(), sample(0, taking), Instant.EPOCH);
    assertThat(new Drawing(new Palette(false), 200).lines(view))
        .contains("    takes over the state of gamma\\u001b: 50 of at most 200 cells (25 %)");
    assertThat(new Drawing(new Palette(false), 20).lines(view))
        .allMatch(line -> line.length() <= 20);
    assertThat(view.json()).contains("\"catchingUp\":{\"bytes\":5000,\"cells\":200,");
    assertThat(view().json()).doesNotContain("catchingUp");
  }

  @Test
  void linesFitTheirTerminalAndCannotSteerIt() {
    for (int columns : List.of(1, 20, 80, 200)) {
      var lines = new Drawing(new Palette(false), columns).lines(view());
      assertThat(lines).allMatch(line -> line.length() <= columns);
      assertThat(String.join("", lines)).doesNotContain("\u001b");
    }
    var wide = String.join("\n", new Drawing(new Palette(false), 200).lines(view()));
    assertThat(wide)
        .contains("1 of 2 nodes ready", "BATCH/S", "3.5", "1,234", "equal", "1/2")
        .contains("cpu 100 %  memory 11 MiB");
  }

  @Test
  void whatIsNotWellIsColoured() {
    var palette = new Palette(true);
    var lagging = String.join("\n", new Drawing(palette, 100).lines(view()));
    assertThat(lagging).contains("\u001b[33m  main").contains("\u001b[1;31mb ");
    var unequal = sample(0, space(Map.of("r1", 1L), DigestCheck.DIGEST_CHECK_UNEQUAL, 0));
    var bad = new Drawing(palette, 100).lines(View.of(Optional.empty(), unequal, Instant.EPOCH));
    assertThat(String.join("\n", bad)).contains("\u001b[1;31m  main").contains("unequal");
  }
}
