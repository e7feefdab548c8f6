package io.starling.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.starling.node.discovery.DiscoveryStatus;
import io.starling.node.discovery.HintRefusal;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;

/// What discovery finds. There are as many meters whether it is on or off.
final class DiscoveryMeters {

  private final MeterRegistry registry;
  private final AtomicReference<DiscoveryStatus> latest =
      new AtomicReference<>(DiscoveryStatus.OFF);

  DiscoveryMeters(MeterRegistry registry) {
    this.registry = registry;
    gauge(
        "running",
        "1 if the source of hints works, else 0",
        it -> it.state() == DiscoveryStatus.State.RUNNING ? 1 : 0);
    gauge("members", "Others that the source says are there", DiscoveryStatus::members);
    gauge("hints", "Hints that are followed", it -> it.hints().standing());
    counter("failures", "How often the source did not start or ended", DiscoveryStatus::failures);
    counter("hints.taken", "Hints taken", it -> it.hints().taken());
    counter("losses", "Peers said to be gone", it -> it.hints().losses());
    for (var refusal : HintRefusal.values()) {
      counter(
          "hints.refused",
          "Hints not taken",
          Tags.of("reason", refusal.label()),
          it -> it.hints().refused().getOrDefault(refusal, 0L));
    }
  }

  void refresh(DiscoveryStatus now) {
    latest.set(now);
  }

  private void gauge(String name, String description, ToDoubleFunction<DiscoveryStatus> value) {
    Gauge.builder("starling.discovery." + name, latest, it -> value.applyAsDouble(now(it)))
        .description(description)
        .register(registry);
  }

  private void counter(String name, String description, ToDoubleFunction<DiscoveryStatus> count) {
    counter(name, description, Tags.empty(), count);
  }

  private void counter(
      String name, String description, Tags tags, ToDoubleFunction<DiscoveryStatus> count) {
    FunctionCounter.builder(
            "starling.discovery." + name, latest, it -> count.applyAsDouble(now(it)))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private static DiscoveryStatus now(AtomicReference<DiscoveryStatus> latest) {
    return Objects.requireNonNull(latest.get(), "made with one");
  }
}
