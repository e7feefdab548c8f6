package io.starling.node.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.cli.context.Target;
import io.starling.node.cli.terminal.Palette;
import io.starling.node.client.Endpoint;
import io.starling.proto.v1.CatchUpPhase;
import io.starling.proto.v1.CatchingUp;
import io.starling.proto.v1.NodeState;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What `status` says of a node that takes over another's state.
final class CatchUpTextTest {

  private static CatchingUp.Builder fetching() {
    return CatchingUp.newBuilder()
        .setPhase(CatchUpPhase.CATCH_UP_PHASE_FETCHING)
        .setDonor("00ff00ff00ff00ff00ff00ff00ff00ff")
        .setDonorName("alpha")
        .setCells(1_000_000)
        .setFetched(408_000)
        .setBytes(41_000_000);
  }

  private static SpaceStatus space(CatchingUp.Builder catchingUp) {
    return alone().setCatchingUp(catchingUp).build();
  }

  private static SpaceStatus.Builder alone() {
    return SpaceStatus.newBuilder()
        .setName("main")
        .setCondition(SpaceCondition.SPACE_CONDITION_RUNNING);
  }

  private static List<NodeReport> reports(SpaceStatus space) {
    var answer =
        StatusResponse.newBuilder()
            .setName("beta")
            .setState(NodeState.NODE_STATE_READY)
            .addSpaces(space)
            .build();
    var target = new Target("b", new Endpoint("h", 1, Optional.empty(), ""), Optional.empty());
    return List.of(new NodeReport(target, Optional.empty(), Optional.of(answer), "", false));
  }

  private static String table(SpaceStatus space) {
    return String.join("\n", StatusText.table(reports(space), new Palette(false), Instant.EPOCH));
  }

  @Test
  void peopleReadHowFarHowFastAndHowLong() {
    var paced = fetching().setBytesPerSecond(12_300_000).setRemainingMillis(170_001);
    assertThat(table(space(paced)))
        .contains(
            "    takes over the state of alpha: 408,000 of at most 1,000,000 cells (40 %),"
                + " 12.3 MB/s, at most 3 min left");
    assertThat(table(space(fetching()))).contains("cells (40 %)\n");
  }

  @Test
  void eachPhaseSaysWhatIsDone() {
    var donor = fetching();
    assertThat(table(space(donor.setPhase(CatchUpPhase.CATCH_UP_PHASE_COMPARING))))
        .contains("compares its state with that of alpha, to take over what differs");
    assertThat(table(space(donor.setPhase(CatchUpPhase.CATCH_UP_PHASE_PROVING))))
        .contains("has another member confirm the state that it took over from alpha");
    var joining = CatchingUp.newBuilder().setPhase(CatchUpPhase.CATCH_UP_PHASE_JOINING);
    assertThat(table(space(joining))).contains("joins the state that it took over with its own");
  }

  @Test
  void aDonorWithoutANameIsShownByItsKeyAndNoneCanSteerTheTerminal() {
    assertThat(table(space(fetching().clearDonorName()))).contains("the state of 00ff00ff:");
    assertThat(table(space(fetching().setDonorName("a\u001b[2J\nb"))))
        .contains("the state of a\\u001b[2J\\nb:");
  }

  @Test
  void programsReadWhatIsKnownAndNothingElse() {
    var paced = fetching().setBytesPerSecond(12_300_000).setRemainingMillis(170_001);
    assertThat(StatusText.json(reports(space(paced))))
        .contains(
            "\"catchingUp\":{\"bytes\":41000000,\"bytesPerSecond\":12300000,\"cells\":1000000,"
                + "\"donor\":\"00ff00ff00ff00ff00ff00ff00ff00ff\",\"donorName\":\"alpha\","
                + "\"fetched\":408000,\"phase\":\"fetching\",\"remainingMillis\":170001}");
    var joining = CatchingUp.newBuilder().setPhase(CatchUpPhase.CATCH_UP_PHASE_JOINING);
    assertThat(StatusText.json(reports(space(joining))))
        .contains("\"catchingUp\":{\"phase\":\"joining\"}");
  }

  @Test
  void nothingIsSaidWhileNothingIsTakenOver() {
    assertThat(StatusText.json(reports(alone().build()))).doesNotContain("catchingUp");
    assertThat(table(alone().build())).doesNotContain("takes over", "state of");
  }

  @Test
  void bytesAndTimesHaveOneUnit() {
    assertThat(CatchUpText.bytes(999)).isEqualTo("999 B");
    assertThat(CatchUpText.bytes(1_500)).isEqualTo("1.5 kB");
    assertThat(CatchUpText.bytes(256_000_000)).isEqualTo("256 MB");
    assertThat(CatchUpText.bytes(Long.MAX_VALUE)).endsWith(" TB");
    assertThat(CatchUpText.time(Duration.ZERO)).isEqualTo("1 s");
    assertThat(CatchUpText.time(Duration.ofMillis(1_001))).isEqualTo("2 s");
    assertThat(CatchUpText.time(Duration.ofSeconds(91))).isEqualTo("2 min");
    assertThat(CatchUpText.time(Duration.ofMinutes(91))).isEqualTo("2 h");
  }
}
