package io.starling.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.discovery.DiscoveryStatus;
import io.starling.node.discovery.HintRefusal;
import io.starling.node.hosting.SpaceLoad;
import io.starling.node.loop.Queued;
import io.starling.node.memory.MemorySpaces;
import io.starling.node.space.Level;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.node.status.CatchUpProgress;
import io.starling.node.status.NodeStatus;
import io.starling.node.transport.FrameKind;
import io.starling.node.transport.PeerTraffic;
import io.starling.node.transport.Refusal;
import io.starling.node.watch.WatchLoad;
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
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class NodeMetricsTest {

  private static final KeyFingerprint PEER = new KeyFingerprint(2, 2);

  private static final CatchUpProgress CATCHING_UP =
      new CatchUpProgress(
          new SpaceStatus.CatchingUp(
              SpaceStatus.Phase.FETCHING, Optional.of(PEER), 1_000, 400, 40_000),
          Optional.of(5_000L),
          Optional.of(Duration.ofSeconds(90)));

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

  @Test
  void everyQueueOfASpaceIsShown() {
    assertThat(scrape(1))
        .contains("starling_loop_tasks{space=\"main\"} 3.0")
        .contains("starling_watches{space=\"main\"} 5.0")
        .contains("starling_watch_pending_keys{space=\"main\"} 50.0")
        .contains("starling_coverage_waiting{space=\"main\"} 6.0")
        .contains("starling_acknowledgements_waiting{space=\"main\"} 8.0")
        .contains("starling_space_buffered_bytes{space=\"main\"} 90.0")
        .contains("starling_peer_queued_frames{peer=\"" + PEER + "\"} 4.0");
  }

  @Test
  void whatIsTakenOverIsShownWhileItIs() {
    assertThat(scrape(1))
        .contains("starling_catchup_phase{phase=\"FETCHING\",space=\"main\"} 1.0")
        .contains("starling_catchup_phase{phase=\"JOINING\",space=\"main\"} 0.0")
        .contains("starling_catchup_cells{space=\"main\"} 1000.0")
        .contains("starling_catchup_fetched{space=\"main\"} 400.0")
        .contains("starling_catchup_bytes{space=\"main\"} 40000.0")
        .contains("starling_catchup_remaining_seconds{space=\"main\"} 90.0");
  }

  @Test
  void whatClientsHaveOpenIsShown() {
    assertThat(scrape(1))
        .contains("starling_grpc_connections 11.0")
        .contains("starling_grpc_connections_refused_total 12.0")
        .contains("starling_http_connections 13.0")
        .contains("starling_http_connections_refused_total 14.0")
        .contains("starling_http_active 15.0")
        .contains("starling_http_streams 16.0")
        .contains("starling_http_body_bytes 17.0")
        .contains("starling_peer_refusals_total{reason=\"not_tls\"} 2.0");
  }

  @Test
  void batchesDigestsAndSignaturesAreCounted() {
    try (var metrics = new NodeMetrics()) {
      metrics.measured(message -> message).sign(new byte[1]);
      metrics.verified(Duration.ofNanos(30_000));
      assertThat(scrape(metrics, 3))
          .contains(
              "starling_peer_batches_total{direction=\"in\",peer=\"" + PEER + "\"} 6.0",
              "starling_space_digests_compared{outcome=\"equal\",space=\"main\"} 30.0",
              "starling_space_digests_compared{outcome=\"unequal\",space=\"main\"} 1.0",
              "starling_signatures_seconds_count{operation=\"sign\"} 1",
              "starling_signatures_seconds_bucket{operation=\"verify\",le=\"2.5E-5\"} 0",
              "starling_signatures_seconds_bucket{operation=\"verify\",le=\"1.0E-4\"} 1");
    }
  }

  @Test
  void whatBecameOfRequestsWatchesAndLevelsIsCounted() {
    try (var metrics = new NodeMetrics()) {
      var space = metrics.space("main");
      var token = new MemorySpaces().space("main").status().token();
      space.answered(2, new Outcome.Committed(token, 1, true));
      space.turnedAway(new Outcome.Refused(Outcome.Reason.RESOURCE_EXHAUSTED, ""));
      space.levelAnswered(new Level.Members(2), false);
      space.levelAnswered(new Level.Members(3), true);
      space.receiptSigned();
      space.resynced(WatchEvent.Cause.TOO_MANY_CHANGES);
      space.watchEnded(Watch.End.SLOW);
      assertThat(scrape(metrics, 1))
          .contains(
              "starling_transactions_repeated_total{space=\"main\"} 1.0",
              "starling_transactions_total{outcome=\"RESOURCE_EXHAUSTED\",space=\"main\"} 1.0",
              "starling_acknowledgements_total{level=\"members\",outcome=\"not-reached\",space=\"main\"} 1.0",
              "starling_acknowledgements_total{level=\"members\",outcome=\"reached\",space=\"main\"} 1.0",
              "starling_receipts_signed_total{space=\"main\"} 1.0",
              "starling_watch_resyncs_total{cause=\"TOO_MANY_CHANGES\",space=\"main\"} 1.0",
              "starling_watch_ends_total{end=\"SLOW\",space=\"main\"} 1.0");
    }
  }

  @Test
  void whatIsKeptOfTheLogAndWhoHoldsItBackIsShown() {
    assertThat(scrape(1))
        .contains("starling_space_log_bytes{space=\"main\"} 7000.0")
        .contains("starling_space_log_oldest_seconds{space=\"main\"} 5.0")
        .contains("starling_space_log_truncated{space=\"main\",stable=\"yes\"} 7.0")
        .contains("starling_space_log_truncated{space=\"main\",stable=\"no\"} 2.0")
        .contains("starling_peer_holds_since_seconds{peer=\"" + PEER + "\",space=\"main\"} 8.0");
  }

  @Test
  void aPeerThatIsGoneLeavesNoSeriesBehind() {
    try (var metrics = new NodeMetrics()) {
      assertThat(scrape(metrics, 3)).contains("starling_peer_frames_total");
      var without = metrics.scrape(reading(List.of()));
      assertThat(without)
          .doesNotContain("starling_peer_frames_total")
          .doesNotContain("starling_peer_round_trip_seconds{");
      assertThat(scrape(metrics, 4)).contains(line("in", "batches", 4));
    }
  }

  @Test
  void anOriginIsAMemberHoweverManyIncarnationsItHas() {
    var origin = new KeyFingerprint(7, 7);
    var first = new ReplicaId(origin, 1);
    var second = new ReplicaId(origin, 2);
    var here = VersionVector.of(new TreeMap<>(Map.of(first, 10L, second, 5L)));
    var there = VersionVector.of(new TreeMap<>(Map.of(first, 8L, second, 9L)));
    assertThat(OriginLag.of(withVectors(here, there, true)))
        .containsExactly(Map.entry(origin.toString(), new OriginLag(2, 4)));
    // Who is not linked holds nobody up; what it has announced is wanted all the same.
    assertThat(OriginLag.of(withVectors(here, there, false)))
        .containsExactly(Map.entry(origin.toString(), new OriginLag(0, 4)));
  }

  @Test
  void closedIncarnationsLeaveNoSeries() {
    var origin = new KeyFingerprint(7, 7);
    var open = VersionVector.of(new TreeMap<>(Map.of(new ReplicaId(origin, 1), 10L)));
    assertThat(OriginLag.of(withVectors(open, open, true))).hasSize(1);
    assertThat(OriginLag.of(withVectors(VersionVector.EMPTY, VersionVector.EMPTY, true))).isEmpty();
  }

  @Test
  void ofTooManyOriginsThoseFurthestBehindAreShown() {
    var seqs = new TreeMap<ReplicaId, Long>();
    for (int i = 1; i <= OriginLag.ORIGINS_MAX + 50; i++) {
      seqs.put(new ReplicaId(new KeyFingerprint(i, i), 1), (long) i);
    }
    var shown = OriginLag.of(withVectors(VersionVector.of(seqs), VersionVector.EMPTY, true));
    assertThat(shown)
        .hasSize(OriginLag.ORIGINS_MAX)
        .containsValue(new OriginLag(OriginLag.ORIGINS_MAX + 50, 0))
        .doesNotContainValue(new OriginLag(50, 0));
  }

  private static SpaceStatus withVectors(VersionVector here, VersionVector there, boolean isUp) {
    var alone = status().spaces().getFirst().status();
    var peer =
        new SpaceStatus.PeerStatus(
            PEER, isUp, Optional.of(there), 0, 0, SpaceStatus.DigestCheck.EQUAL, 5);
    return new SpaceStatus(
        alone.self(),
        here,
        0,
        alone.closed(),
        alone.digest(),
        0,
        alone.stable(),
        0,
        List.of(peer),
        alone.token(),
        alone.tallies(),
        alone.catchingUp(),
        alone.log(),
        alone.revocation());
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
    var loop = metrics.space("main");
    loop.persisted(Duration.ofMillis(1));
    loop.answered(1, new Outcome.Refused(Outcome.Reason.UNAVAILABLE, ""));
    metrics.answered("/api/v1/status", "GET", 200, Duration.ofMillis(1));
    metrics.called("starling.v1.Starling/Apply", "OK", Duration.ofMillis(1));
    return metrics.scrape(reading(List.of(traffic(frames))));
  }

  private static Reading reading(List<PeerTraffic> peers) {
    var loads = new TreeMap<String, SpaceLoad>();
    loads.put("main", new SpaceLoad(new Queued(4, 400, 7, 700, 3), new WatchLoad(5, 50), 6, 8));
    return new Reading(
        status(),
        loads,
        peers,
        Map.of(Refusal.NOT_TLS, 2L),
        new Reading.Clients(
            new Reading.Connections(11, 12), new Reading.Connections(13, 14), 15, 16, 17));
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
                    withPeer(entry.status()),
                    Optional.of(CATCHING_UP)))
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
        VersionVector.of(new TreeMap<>(Map.of(new ReplicaId(PEER, 1), 4L))),
        alone.closedReplicas(),
        alone.closed(),
        alone.digest(),
        alone.cells(),
        alone.stable(),
        alone.buffered(),
        List.of(peer),
        alone.token(),
        new SpaceStatus.Tallies(90, 30, 1),
        alone.catchingUp(),
        new SpaceStatus.LogStatus(
            7_000,
            OptionalLong.of(5_000),
            9,
            2,
            List.of(new SpaceStatus.Holder(PEER, 8_000, true))),
        alone.revocation());
  }

  private static PeerTraffic traffic(long frames) {
    return new PeerTraffic(
        PEER,
        "node-2",
        new PeerTraffic.Connection(
            Optional.empty(), true, false, Optional.of(Duration.ofMillis(2)), 4, 9),
        Map.of(FrameKind.BATCHES, new PeerTraffic.Flow(frames, 10 * frames)),
        Map.of(),
        new PeerTraffic.Batches(2 * frames, 1),
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
