package io.starling.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.starling.node.loop.LoopObserver;
import io.starling.replica.Effect;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// Counts what the loop of one space does.
final class LoopMeters implements LoopObserver {

  private final Counter batches;
  private final Counter operations;
  private final Counter bytes;
  private final Timer engine;
  private final Timer persists;
  private final Counter committed;
  private final Map<Outcome.Reason, Counter> refused = new EnumMap<>(Outcome.Reason.class);

  LoopMeters(MeterRegistry registry, String space) {
    batches = counter(registry, "starling.batches.applied", "Batches applied", space);
    operations = counter(registry, "starling.operations.applied", "Operations applied", space);
    bytes = counter(registry, "starling.bytes.applied", "Bytes of batches applied", space);
    engine =
        Timer.builder("starling.engine")
            .description("Events that the replication engine took")
            .tag("space", space)
            .register(registry);
    persists =
        Timer.builder("starling.persists")
            .description("Synced writes to the store")
            .tag("space", space)
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofNanos(50_000))
            .maximumExpectedValue(Duration.ofSeconds(5))
            .register(registry);
    committed = outcomes(registry, space, "committed");
    for (var reason : Outcome.Reason.values()) {
      refused.put(reason, outcomes(registry, space, reason.name()));
    }
  }

  @Override
  public void applied(Effect.Applied applied) {
    batches.increment();
    operations.increment(applied.batch().batch().operations());
    bytes.increment(applied.batch().bytes());
  }

  @Override
  public void worked(Duration took) {
    engine.record(took);
  }

  @Override
  public void persisted(Duration took) {
    persists.record(took);
  }

  @Override
  public void answered(Outcome outcome) {
    switch (outcome) {
      case Outcome.Committed _ -> committed.increment();
      case Outcome.Refused(var reason, _) ->
          Objects.requireNonNull(refused.get(reason)).increment();
    }
  }

  private static Counter outcomes(MeterRegistry registry, String space, String outcome) {
    return Counter.builder("starling.transactions")
        .description("Transactions of clients, by outcome")
        .tags("space", space, "outcome", outcome)
        .register(registry);
  }

  private static Counter counter(
      MeterRegistry registry, String name, String description, String space) {
    return Counter.builder(name).description(description).tag("space", space).register(registry);
  }
}
