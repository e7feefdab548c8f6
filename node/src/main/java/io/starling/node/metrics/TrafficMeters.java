package io.starling.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.transport.FrameKind;
import io.starling.node.transport.PeerTraffic;
import io.starling.node.transport.PeerTraffic.Flow;
import io.starling.node.transport.PeerTraffic.Losses;
import io.starling.node.transport.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/// What goes between this node and each peer. Meters are made when a peer is first seen, and taken
/// away with its link: there are no more than links.
final class TrafficMeters {

  private final MeterRegistry registry;

  // Those of the peer that is being made.
  private final List<Meter> made = new ArrayList<>();
  private final Map<KeyFingerprint, Shown> peers = new HashMap<>();
  private final AtomicReference<Map<Refusal, Long>> refusals = new AtomicReference<>(Map.of());

  TrafficMeters(MeterRegistry registry) {
    this.registry = registry;
    for (var refusal : Refusal.values()) {
      FunctionCounter.builder("starling.peer.refusals", refusals, it -> count(it, refusal))
          .description("Connections and streams of peers that were not taken")
          .tag("reason", refusal.label())
          .register(registry);
    }
  }

  /// The meters of a peer, and what they show.
  private record Shown(AtomicReference<PeerTraffic> traffic, List<Meter> meters) {}

  void refresh(Reading now) {
    refusals.set(now.refusals());
    var linked = new HashSet<KeyFingerprint>();
    for (var peer : now.peers()) {
      linked.add(peer.key());
      peers.computeIfAbsent(peer.key(), _ -> shown(peer)).traffic().set(peer);
    }
    peers
        .entrySet()
        .removeIf(known -> {
          boolean isGone = !linked.contains(known.getKey());
          if (isGone) {
            known.getValue().meters().forEach(registry::remove);
          }
          return isGone;
        });
  }

  private Shown shown(PeerTraffic peer) {
    made.clear();
    var traffic = new AtomicReference<>(peer);
    register(traffic, Tags.of("peer", peer.key().toString()));
    return new Shown(traffic, List.copyOf(made));
  }

  private static double count(AtomicReference<Map<Refusal, Long>> counts, Refusal refusal) {
    return Objects.requireNonNull(counts.get()).getOrDefault(refusal, 0L);
  }

  private void register(AtomicReference<PeerTraffic> peer, Tags tags) {
    var batches = "Batches exchanged, those that came early, late or again too";
    counter(
        "starling.peer.batches",
        batches,
        peer,
        tags.and("direction", "in"),
        in -> in.batches().in());
    counter(
        "starling.peer.batches",
        batches,
        peer,
        tags.and("direction", "out"),
        out -> out.batches().out());
    for (var kind : FrameKind.values()) {
      flow(peer, tags.and("direction", "in", "kind", kind.label()), it -> it.in().get(kind));
      flow(peer, tags.and("direction", "out", "kind", kind.label()), it -> it.out().get(kind));
    }
    loss(peer, tags.and("reason", "unsent"), Losses::unsent);
    loss(peer, tags.and("reason", "invalid"), Losses::invalid);
    loss(peer, tags.and("reason", "unknown-origin"), Losses::unknownOrigin);
    loss(peer, tags.and("reason", "unknown-space"), Losses::unknownSpace);
    loss(peer, tags.and("reason", "newer-format"), Losses::newerFormat);
    loss(peer, tags.and("reason", "not-taken"), Losses::notTaken);
    made.add(
        FunctionTimer.builder(
                "starling.peer.verifications",
                peer,
                it -> now(it).verification().signatures(),
                it -> now(it).verification().time().toNanos(),
                TimeUnit.NANOSECONDS)
            .description("Signatures checked of what came from the peer")
            .tags(tags)
            .register(registry));
    made.add(
        Gauge.builder(
                "starling.peer.queued.frames", peer, it -> now(it).connection().queuedFrames())
            .description("Frames that wait to be sent to the peer")
            .tags(tags)
            .register(registry));
    made.add(
        Gauge.builder("starling.peer.queued", peer, it -> now(it).connection().queuedBytes())
            .description("What waits to be sent to the peer")
            .baseUnit("bytes")
            .tags(tags)
            .register(registry));
    made.add(
        Gauge.builder("starling.peer.round.trip", peer, it -> seconds(now(it)))
            .description("Round trip of the last echo")
            .baseUnit("seconds")
            .tags(tags)
            .register(registry));
  }

  private void flow(AtomicReference<PeerTraffic> peer, Tags tags, FlowOf flow) {
    counter("starling.peer.frames", "Frames exchanged", peer, tags, it -> flow.frames(it));
    counter("starling.peer.bytes", "Bytes of frames exchanged", peer, tags, it -> flow.bytes(it));
  }

  private void loss(AtomicReference<PeerTraffic> peer, Tags tags, ToLongFunction<Losses> loss) {
    var description = "What was dropped, to be pulled again or refused";
    counter("starling.peer.dropped", description, peer, tags, it -> loss.applyAsLong(it.losses()));
  }

  private void counter(
      String name,
      String description,
      AtomicReference<PeerTraffic> peer,
      Tags tags,
      ToDoubleFunction<PeerTraffic> count) {
    made.add(
        FunctionCounter.builder(name, peer, it -> count.applyAsDouble(now(it)))
            .description(description)
            .tags(tags)
            .register(registry));
  }

  private static PeerTraffic now(AtomicReference<PeerTraffic> peer) {
    return Objects.requireNonNull(peer.get(), "a reference to a peer's traffic is made with it");
  }

  private static double seconds(PeerTraffic peer) {
    return peer.connection().roundTrip().map(Duration::toNanos).map(it -> it / 1e9).orElse(0.0);
  }

  /// One kind of frames in one direction; none were exchanged if there is none.
  @FunctionalInterface
  private interface FlowOf {
    @org.jspecify.annotations.Nullable
    Flow of(PeerTraffic peer);

    default double frames(PeerTraffic peer) {
      var flow = of(peer);
      return flow == null ? 0 : flow.frames();
    }

    default double bytes(PeerTraffic peer) {
      var flow = of(peer);
      return flow == null ? 0 : flow.bytes();
    }
  }
}
