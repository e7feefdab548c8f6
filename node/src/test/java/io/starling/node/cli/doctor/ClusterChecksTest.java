package io.starling.node.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.cli.context.Target;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.client.Endpoint;
import io.starling.node.local.LocalNode;
import io.starling.proto.v1.Alarm;
import io.starling.proto.v1.DigestCheck;
import io.starling.proto.v1.NodeState;
import io.starling.proto.v1.PeerStatus;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is thought of what nodes say, which is made up here.
final class ClusterChecksTest {

  private static final String VERSION = "1.0";

  private static StatusResponse.Builder ready(String name) {
    return StatusResponse.newBuilder()
        .setName(name)
        .setVersion(VERSION)
        .setState(NodeState.NODE_STATE_READY);
  }

  private static SpaceStatus.Builder space() {
    return SpaceStatus.newBuilder()
        .setName("main")
        .setCondition(SpaceCondition.SPACE_CONDITION_RUNNING);
  }

  private static Target target(boolean isLocal) {
    return new Target(
        "n",
        new Endpoint("127.0.0.1", 1, Optional.empty(), ""),
        isLocal ? Optional.of(new LocalNode(1, Path.of("n"), 1)) : Optional.empty());
  }

  private static NodeReport report(StatusResponse.Builder answer) {
    return new NodeReport(target(false), Optional.empty(), Optional.of(answer.build()), "", false);
  }

  private static NodeReport silent(boolean isLocal, boolean isRunning, boolean isRefusal) {
    var process =
        isRunning ? Optional.of(ProcessHandle.current()) : Optional.<ProcessHandle>empty();
    return new NodeReport(target(isLocal), process, Optional.empty(), "why", isRefusal);
  }

  private static Verdict worst(NodeReport... nodes) {
    return ClusterChecks.of(List.of(nodes), VERSION).stream()
        .map(Finding::verdict)
        .max(Enum::compareTo)
        .orElseThrow();
  }

  @Test
  void aClusterThatIsWellHasNoFaults() {
    var peer = PeerStatus.newBuilder().setUp(true).setDigest(DigestCheck.DIGEST_CHECK_EQUAL);
    assertThat(worst(report(ready("a").addSpaces(space().addPeers(peer))), report(ready("b"))))
        .isEqualTo(Verdict.OK);
  }

  @Test
  void silenceIsJudgedByWhoIsSilent() {
    assertThat(worst(silent(true, false, false))).isEqualTo(Verdict.WARN);
    assertThat(worst(silent(true, true, false))).isEqualTo(Verdict.FAIL);
    assertThat(worst(silent(false, false, false))).isEqualTo(Verdict.FAIL);
    assertThat(worst(silent(false, false, true))).isEqualTo(Verdict.FAIL);
    assertThat(worst(report(ready("a").setState(NodeState.NODE_STATE_STARTING))))
        .isEqualTo(Verdict.WARN);
  }

  @Test
  void spacesThatTakeNoWritesAreFaults() {
    for (var condition :
        List.of(SpaceCondition.SPACE_CONDITION_DEGRADED, SpaceCondition.SPACE_CONDITION_FAILED)) {
      assertThat(worst(report(ready("a").addSpaces(space().setCondition(condition)))))
          .isEqualTo(Verdict.FAIL);
    }
  }

  @Test
  void whatPeersSayIsJudged() {
    var unequal = PeerStatus.newBuilder().setUp(true).setDigest(DigestCheck.DIGEST_CHECK_UNEQUAL);
    assertThat(worst(report(ready("a").addSpaces(space().addPeers(unequal)))))
        .isEqualTo(Verdict.FAIL);
    var down = PeerStatus.newBuilder().setUp(false);
    assertThat(worst(report(ready("a").addSpaces(space().addPeers(down))))).isEqualTo(Verdict.WARN);
    assertThat(worst(report(ready("a").addAlarms(Alarm.newBuilder().setKind("FORK")))))
        .isEqualTo(Verdict.WARN);
  }

  @Test
  void differentVersionsAreToldApart() {
    assertThat(worst(report(ready("a")), report(ready("b").setVersion("2.0"))))
        .isEqualTo(Verdict.WARN);
    assertThat(worst(report(ready("a").setVersion("2.0")))).isEqualTo(Verdict.WARN);
  }
}
