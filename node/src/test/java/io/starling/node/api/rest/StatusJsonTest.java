package io.starling.node.api.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.member.Member;
import io.starling.node.memory.MemorySpaces;
import io.starling.node.status.CatchUpProgress;
import io.starling.node.status.NodeStatus;
import io.starling.replica.status.SpaceStatus.CatchingUp;
import io.starling.replica.status.SpaceStatus.Phase;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What the status says of a state that is taken over.
final class StatusJsonTest {

  private static final Principal READER = new Principal("token:reader", Role.READER);
  private static final KeyFingerprint DONOR = new KeyFingerprint(7, 7);

  private static String json(Optional<CatchUpProgress> progress) throws IOException {
    var alone = new MemorySpaces().status();
    var entries =
        alone.spaces().stream()
            .map(it ->
                new NodeStatus.SpaceEntry(
                    it.name(), it.id(), it.condition(), it.reason(), it.status(), progress))
            .toList();
    var status =
        new NodeStatus(
            alone.node(),
            entries,
            List.of(new Member(DONOR, "alpha", "", "", List.of())),
            alone.links(),
            alone.activity(),
            alone.alarms(),
            alone.discovery());
    var text = new StringWriter();
    try (var out = new JsonFactory().createGenerator(text)) {
      StatusJson.write(out, status, READER, Instant.EPOCH);
    }
    return text.toString();
  }

  @Test
  void aTransferIsShownWithWhatIsKnownOfIt() throws Exception {
    var at = new CatchingUp(Phase.FETCHING, Optional.of(DONOR), 1_000, 400, 40_000);
    assertThat(
            json(
                Optional.of(
                    new CatchUpProgress(
                        at, Optional.of(5_000L), Optional.of(Duration.ofSeconds(9))))))
        .contains(
            "\"catchingUp\":{\"phase\":\"fetching\",\"donor\":\""
                + DONOR
                + "\",\"donorName\":\"alpha\",\"cells\":1000,\"fetched\":400,\"bytes\":40000,"
                + "\"bytesPerSecond\":5000,\"remainingMillis\":9000}");
    assertThat(json(Optional.of(new CatchUpProgress(at, Optional.empty(), Optional.empty()))))
        .contains("\"bytes\":40000}");
  }

  @Test
  void noZeroStandsForWhatIsNotKnown() throws Exception {
    var joining = new CatchingUp(Phase.JOINING, Optional.empty(), 0, 0, 0);
    assertThat(json(Optional.of(new CatchUpProgress(joining, Optional.empty(), Optional.empty()))))
        .contains("\"catchingUp\":{\"phase\":\"joining\"}");
    assertThat(json(Optional.empty())).doesNotContain("catchingUp");
  }
}
