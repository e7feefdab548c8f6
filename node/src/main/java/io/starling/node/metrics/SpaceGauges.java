package io.starling.node.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.starling.node.hosting.SpaceLoad;
import io.starling.node.status.CatchUpProgress;
import io.starling.node.status.NodeStatus;
import io.starling.node.status.NodeStatus.SpaceCondition;
import io.starling.replica.status.SpaceStatus;
import io.starling.replica.status.SpaceStatus.DigestCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Gauges that are made anew each time they are read: a space, peer or origin that is gone leaves
/// none behind.
final class SpaceGauges {

  private final MeterRegistry registry;
  private final Map<String, Gathered> gathered = new LinkedHashMap<>();

  SpaceGauges(MeterRegistry registry) {
    this.registry = registry;
  }

  private record Gathered(MultiGauge gauge, List<Row<?>> rows) {}

  void refresh(Reading now) {
    now.status().spaces().forEach(this::space);
    now.spaces().forEach(this::load);
    for (var alarm : now.status().alarms()) {
      add(
          "starling.alarms",
          "Alarms since the start",
          Tags.of("space", alarm.space(), "kind", alarm.kind().name()),
          alarm.count());
    }
    gathered
        .values()
        .forEach(it -> {
          it.gauge().register(it.rows(), true);
          it.rows().clear();
        });
  }

  private void space(NodeStatus.SpaceEntry entry) {
    var tags = Tags.of("space", entry.name());
    var status = entry.status();
    boolean isRunning = entry.condition() == SpaceCondition.RUNNING;
    add("starling.space.running", "1 if the space takes writes, else 0", tags, isRunning ? 1 : 0);
    add("starling.space.cells", "Cells at the present vector", tags, status.cells());
    add("starling.space.replicas", "Replicas in the vector", tags, status.active().size());
    add("starling.space.closed", "Replicas that are closed", tags, status.closedReplicas());
    add("starling.space.buffered", "Batches that wait for causes", tags, status.buffered());
    var bytes = status.tallies().bufferedBytes();
    add("starling.space.buffered.bytes", "Bytes of batches that wait for causes", tags, bytes);
    entry.catchingUp().ifPresent(it -> catchingUp(tags, it));
    digests(tags, status.tallies());
    log(tags, status.log());
    status.peers().forEach(peer -> peer(tags.and("peer", peer.key().toString()), peer));
    OriginLag.of(status).forEach((origin, lag) -> origin(tags.and("origin", origin), lag));
  }

  private void log(Tags tags, SpaceStatus.LogStatus log) {
    add("starling.space.log.bytes", "Bytes of the batches in the log", tags, log.bytes());
    add(
        "starling.space.log.oldest.seconds",
        "When the oldest batch in the log was written, in seconds since 1970; 0 if not known",
        tags,
        log.oldestMillis().orElse(0) / 1_000);
    var truncated = "Batches truncated since the space was opened";
    var name = "starling.space.log.truncated";
    long unstable = log.truncatedUnstable();
    add(name, truncated, tags.and("stable", "yes"), log.truncated() - unstable);
    add(name, truncated, tags.and("stable", "no"), unstable);
    for (var holder : log.holders()) {
      add(
          "starling.peer.holds.since.seconds",
          "Since when what the member lacks is applied here, in seconds since 1970",
          tags.and("peer", holder.member().toString()),
          holder.sinceMillis() / 1_000);
    }
  }

  /// There only while a state is taken over.
  private void catchingUp(Tags tags, CatchUpProgress progress) {
    var at = progress.at();
    for (var phase : SpaceStatus.Phase.values()) {
      add(
          "starling.catchup.phase",
          "1 for what is done of taking over another member's state; absent while none is",
          tags.and("phase", phase.name()),
          phase == at.phase() ? 1 : 0);
    }
    if (at.cells() > 0) {
      add("starling.catchup.cells", "Cells that the donor has", tags, at.cells());
      add("starling.catchup.fetched", "Cells of it that have come", tags, at.fetched());
      add("starling.catchup.bytes", "Bytes of what has come", tags, at.bytes());
    }
    progress
        .remaining()
        .ifPresent(it ->
            add(
                "starling.catchup.remaining.seconds",
                "Until all cells of the donor would have come, at the rate of the last seconds",
                tags,
                it.toSeconds()));
  }

  private void digests(Tags tags, SpaceStatus.Tallies tallies) {
    var description = "Comparisons of digests at equal vectors, since the space was opened";
    var name = "starling.space.digests.compared";
    add(name, description, tags.and("outcome", "equal"), tallies.digestsEqual());
    add(name, description, tags.and("outcome", "unequal"), tallies.digestsUnequal());
  }

  private void peer(Tags tags, SpaceStatus.PeerStatus peer) {
    add("starling.peer.lag", "Batches applied here that it has not announced", tags, peer.lag());
    add("starling.peer.ahead", "Batches it announced that lack here", tags, peer.ahead());
    add("starling.peer.up", "1 if messages can be sent, else 0", tags, peer.isUp() ? 1 : 0);
    add(
        "starling.peer.digest.unequal",
        "1 if digests were unequal when last compared, else 0",
        tags,
        peer.digest() == DigestCheck.UNEQUAL ? 1 : 0);
  }

  private void origin(Tags tags, OriginLag lag) {
    var behind = "Batches of the origin that the last of the linked peers has not announced";
    add("starling.origin.lag", behind, tags, lag.lag());
    var ahead = "Batches of the origin that a peer has announced and that lack here";
    add("starling.origin.ahead", ahead, tags, lag.ahead());
  }

  private void load(String space, SpaceLoad load) {
    var queued = load.queued();
    var tags = Tags.of("space", space);
    queue(tags.and("queue", "transactions"), queued.submissions(), queued.submissionBytes());
    queue(tags.and("queue", "messages"), queued.arrivals(), queued.arrivalBytes());
    add("starling.loop.tasks", "Tasks that wait for a space's loop", tags, queued.tasks());
    add("starling.watches", "Watches that run", tags, load.watches().running());
    var pending = "Changed keys that are kept for watchers";
    add("starling.watch.pending.keys", pending, tags, load.watches().pendingKeys());
    var coverage = "Clients that wait until a token is covered here";
    add("starling.coverage.waiting", coverage, tags, load.coverage());
    var waiting = "Clients that wait for acknowledgements of other members";
    add("starling.acknowledgements.waiting", waiting, tags, load.acknowledgements());
  }

  private void queue(Tags tags, int items, long bytes) {
    add("starling.loop.queued", "What waits for a space's loop", tags, items);
    add("starling.loop.queued.bytes", "Bytes of what waits for a space's loop", tags, bytes);
  }

  private void add(String name, String description, Tags tags, long value) {
    gathered
        .computeIfAbsent(
            name,
            _ ->
                new Gathered(
                    MultiGauge.builder(name).description(description).register(registry),
                    new ArrayList<>()))
        .rows()
        .add(Row.of(tags, value));
  }
}
