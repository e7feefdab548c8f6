package io.starling.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.discovery.DiscoveryStatus;
import io.starling.node.discovery.HintRefusal;
import io.starling.node.loop.Queued;
import io.starling.node.memory.MemorySpaces;
import io.starling.node.status.NodeStatus;
import io.starling.node.transport.FrameKind;
import io.starling.node.transport.PeerTraffic;
import io.starling.replica.Effect;
import io.starling.replica.request.Outcome;
import io.starling.replica.status.SpaceStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class NodeMetricsTest {

  private static final KeyFingerprint PEER = new KeyFingerprint(2, 2);

  private static final DiscoveryStatus DISCOVERY =
      new DiscoveryStatus(
          DiscoveryStatus.State.RUNNING,
          "",
          4,
          2,
          new DiscoveryStatus.Hints(3, 7, 5, Map.of(HintRefusal.OWN, 6L)));

  @Test
  void everyMeterIsDocumentedAndEveryDocumentedOneIsThere() throws IOException {
    var page = Files.readString(Path.of("..", "docs", "metrics.md"));
    assertThat(names(scrape(3), "^# TYPE (starling_\\w+) "))
        .isEqualTo(names(page, "^\\| `(starling_\\w+)` "));
  }

  @Test
  void whatAPeerSentIsCountedAndAnotherScrapeSeesMore() {
    try (var metrics = new NodeMetrics()) {
      assertThat(scrape(metrics, 3)).contains(line("in", "batches", 3));
      assertThat(scrape(metrics, 5)).contains(line("in", "batches", 5), line("out", "batches", 0));
    }
  }

  @Test
  void discoveryIsShownByWhatBecameOfIt() {
    assertThat(scrape(1))
        .contains("starling_discovery_running 1.0")
        .contains("starling_discovery_members 4.0")
        .contains("starling_discovery_hints 3.0")
        .contains("starling_discovery_hints_taken_total 7.0")
        .contains("starling_discovery_hints_refused_total{reason=\"own\"} 6.0")
        .contains("starling_discovery_hints_refused_total{reason=\"full\"} 0.0")
        .contains("starling_discovery_losses_total 5.0")
        .contains("starling_discovery_failures_total 2.0");
  }

  @Test
  void queuesAreShownBySpace() {
    assertThat(scrape(1))
        .contains("starling_loop_queued{queue=\"transactions\",space=\"main\"} 4.0")
        .contains("starling_loop_queued_bytes{queue=\"messages\",space=\"main\"} 700.0");
  }

  private static String line(String direction, String kind, int frames) {
    return "starling_peer_frames_total{direction=\"%s\",kind=\"%s\",peer=\"%s\"} %d.0"
        .formatted(direction, kind, PEER, frames);
  }

  private static String scrape(long frames) {
    try (var metrics = new NodeMetrics()) {
      return scrape(metrics, frames);
    }
  }

  private static String scrape(NodeMetrics metrics, long frames) {
    var loop = metrics.loop("main");
    loop.persisted(Duration.ofMillis(1));
    loop.answered(new Outcome.Refused(Outcome.Reason.UNAVAILABLE, ""));
    metrics.answered("/api/v1/status", "GET", 200, Duration.ofMillis(1));
    var queued = new TreeMap<String, Queued>();
    queued.put("main", new Queued(4, 400, 7, 700));
    return metrics.scrape(status(), queued, List.of(traffic(frames)));
  }

  private static NodeStatus status() {
    var alone = new MemorySpaces().status();
    var entries =
        alone.spaces().stream()
            .map(entry ->
                new NodeStatus.SpaceEntry(
                    entry.name(),
                    entry.id(),
                    entry.condition(),
                    entry.reason(),
                    withPeer(entry.status())))
            .toList();
    var alarm = new NodeStatus.Alarm("main", Effect.Kind.FORK, "two heads", 1, Instant.EPOCH);
    return new NodeStatus(
        alone.node(),
        entries,
        alone.members(),
        alone.links(),
        alone.activity(),
        List.of(alarm),
        DISCOVERY);
  }

  private static SpaceStatus withPeer(SpaceStatus alone) {
    var peer =
        new SpaceStatus.PeerStatus(
            PEER, true, Optional.empty(), 1, 2, SpaceStatus.DigestCheck.EQUAL, 5);
    return new SpaceStatus(
        alone.self(),
        alone.active(),
        alone.closedReplicas(),
        alone.closed(),
        alone.digest(),
        alone.cells(),
        alone.stable(),
        alone.buffered(),
        List.of(peer),
        alone.token());
  }

  private static PeerTraffic traffic(long frames) {
    return new PeerTraffic(
        PEER,
        "node-2",
        new PeerTraffic.Connection(
            Optional.empty(), true, false, Optional.of(Duration.ofMillis(2)), 9),
        Map.of(FrameKind.BATCHES, new PeerTraffic.Flow(frames, 10 * frames)),
        Map.of(),
        new PeerTraffic.Losses(0, 0, 0, 0, 0, 0),
        new PeerTraffic.Verification(frames, Duration.ofMillis(frames)));
  }

  private static TreeSet<String> names(String text, String pattern) {
    var names = new TreeSet<String>();
    var matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1).replaceFirst("_max$", ""));
    }
    return names;
  }
}
