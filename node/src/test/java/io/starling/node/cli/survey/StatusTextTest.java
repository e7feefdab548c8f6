package io.starling.node.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.starling.node.cli.context.Target;
import io.starling.node.cli.terminal.Palette;
import io.starling.node.client.Endpoint;
import io.starling.proto.v1.BackupStatus;
import io.starling.proto.v1.Holder;
import io.starling.proto.v1.LogStatus;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What `status` says of who holds back the log.
final class StatusTextTest {

  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final Target TARGET =
      new Target("node-1", new Endpoint("h", 1, Optional.empty(), ""), Optional.empty());

  @Test
  void whoHoldsBackTheLogForLongIsNamedWithSinceWhen() {
    var lines = table(holder("node-3", 90_000, false), holder("", 80_000, true));
    assertThat(lines)
        .contains(
            "    log of 1.5 MiB, held back by node-3 since 1970-01-11T12:46:40Z,"
                + " id-of- since 1970-01-11T15:33:20Z at least");
  }

  @Test
  void ofManyThreeAreNamed() {
    var lines =
        table(
            holder("a", 9_000, false),
            holder("b", 9_000, false),
            holder("c", 9_000, false),
            holder("d", 9_000, false),
            holder("e", 9_000, false));
    assertThat(lines).anyMatch(line -> line.contains("c since") && line.endsWith(" and 2 more"));
    assertThat(lines).noneMatch(line -> line.contains("d since"));
  }

  @Test
  void whoLacksSomethingForAMomentIsNotNamed() {
    assertThat(table(holder("node-3", 59, false))).noneMatch(line -> line.contains("held back"));
    assertThat(table()).noneMatch(line -> line.contains("held back"));
  }

  @Test
  void programsAreToldOfAll() {
    assertThat(StatusText.json(List.of(report(holder("node-3", 59, true)))))
        .contains(
            "\"log\":{\"bytes\":1572864,\"holders\":[{\"atLeast\":true,\"id\":\"id-of-node-3\","
                + "\"name\":\"node-3\",\"since\":\"1970-01-12T13:45:41Z\"}],"
                + "\"truncated\":7,\"truncatedUnstable\":2}");
  }

  @Test
  void theLastBackupIsToldAndWhatHasFailedSince() {
    var backups =
        BackupStatus.newBuilder()
            .setName("20260101T000000Z-00")
            .setSucceeded(Timestamp.newBuilder().setSeconds(86_400))
            .setFailure("the disk is full");
    var answer = StatusResponse.newBuilder().setName("node-1").setBackups(backups).build();
    var report = new NodeReport(TARGET, Optional.empty(), Optional.of(answer), "", false);
    assertThat(StatusText.table(List.of(report), new Palette(false), NOW))
        .contains(
            "  last backup 20260101T000000Z-00, whole at 1970-01-02T00:00:00Z; since then: the disk"
                + " is full");
    assertThat(StatusText.json(List.of(report)))
        .contains("\"backups\":{\"failure\":\"the disk is full\"");
    assertThat(StatusText.json(List.of(report()))).contains("\"backups\":null");
  }

  private static Holder holder(String name, long seconds, boolean isAtLeast) {
    var since = Timestamp.newBuilder().setSeconds(NOW.getEpochSecond() - seconds);
    return Holder.newBuilder()
        .setId("id-of-" + name)
        .setName(name)
        .setSince(since)
        .setAtLeast(isAtLeast)
        .build();
  }

  private static List<String> table(Holder... holders) {
    return StatusText.table(List.of(report(holders)), new Palette(false), NOW);
  }

  private static NodeReport report(Holder... holders) {
    var log =
        LogStatus.newBuilder()
            .setBytes(3 << 19)
            .setTruncated(7)
            .setTruncatedUnstable(2)
            .addAllHolders(List.of(holders));
    var space =
        SpaceStatus.newBuilder()
            .setName("main")
            .setDigest("d1")
            .setCondition(SpaceCondition.SPACE_CONDITION_RUNNING)
            .setLog(log);
    var answer = StatusResponse.newBuilder().setName("node-1").addSpaces(space).build();
    return new NodeReport(TARGET, Optional.empty(), Optional.of(answer), "", false);
  }
}
