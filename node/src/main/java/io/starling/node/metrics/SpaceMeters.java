package io.starling.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.starling.node.hosting.SpaceMeter;
import io.starling.node.space.Level;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.replica.Effect;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// Counts what happens in one space.
final class SpaceMeters implements SpaceMeter {

  private static final List<String> LEVELS = List.of("local", "members", "all", "site");

  private final MeterRegistry registry;
  private final String space;
  private final Counter batches;
  private final Counter operations;
  private final Counter bytes;
  private final Timer engine;
  private final Timer persists;
  private final Counter committed;
  private final Counter repeated;
  private final Counter receipts;
  private final Map<Outcome.Reason, Counter> refused = new EnumMap<>(Outcome.Reason.class);
  private final Map<WatchEvent.Cause, Counter> resyncs = new EnumMap<>(WatchEvent.Cause.class);
  private final Map<Watch.End, Counter> ends = new EnumMap<>(Watch.End.class);
  private final Map<String, Counter> levels = new TreeMap<>();

  SpaceMeters(MeterRegistry registry, String space) {
    this.registry = registry;
    this.space = space;
    batches = counter(registry, "starling.batches.applied", "Batches applied", space);
    operations = counter(registry, "starling.operations.applied", "Operations applied", space);
    bytes = counter(registry, "starling.bytes.applied", "Bytes of batches applied", space);
    engine =
        Timer.builder("starling.engine")
            .description("Events that the replication engine took")
            .tag("space", space)
            .serviceLevelObjectives(Buckets.WORK)
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
    repeated =
        counter(
            registry,
            "starling.transactions.repeated",
            "Transactions sent again under their name and answered from memory",
            space);
    receipts =
        counter(registry, "starling.receipts.signed", "Statements signed for receipts", space);
    for (var cause : WatchEvent.Cause.values()) {
      resyncs.put(cause, resyncs(registry, space, cause));
    }
    for (var end : Watch.End.values()) {
      ends.put(end, ends(registry, space, end));
    }
    for (var level : LEVELS) {
      levels.put(level + true, levels(registry, space, level, true));
      levels.put(level + false, levels(registry, space, level, false));
    }
  }

  /// One of the same name that comes later counts from the beginning.
  @Override
  public void forget() {
    registry.getMeters().stream()
        .filter(meter -> space.equals(meter.getId().getTag("space")))
        .forEach(registry::remove);
  }

  private static String word(Level level) {
    return switch (level) {
      case Level.Local() -> "local";
      case Level.Members _ -> "members";
      case Level.All() -> "all";
      case Level.Sites() -> "site";
    };
  }

  @Override
  public void levelAnswered(Level level, boolean isReached) {
    Objects.requireNonNull(levels.get(word(level) + isReached)).increment();
  }

  @Override
  public void receiptSigned() {
    receipts.increment();
  }

  @Override
  public void resynced(WatchEvent.Cause cause) {
    Objects.requireNonNull(resyncs.get(cause)).increment();
  }

  @Override
  public void watchEnded(Watch.End end) {
    Objects.requireNonNull(ends.get(end)).increment();
  }

  @Override
  public void turnedAway(Outcome.Refused outcome) {
    Objects.requireNonNull(refused.get(outcome.reason())).increment();
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
  public void answered(long submission, Outcome outcome) {
    switch (outcome) {
      case Outcome.Committed(_, _, boolean isRepeat) -> {
        committed.increment();
        if (isRepeat) {
          repeated.increment();
        }
      }
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

  private static Counter resyncs(MeterRegistry registry, String space, WatchEvent.Cause cause) {
    return Counter.builder("starling.watch.resyncs")
        .description("Watchers that were told to begin again with the state")
        .tags("space", space, "cause", cause.name())
        .register(registry);
  }

  private static Counter ends(MeterRegistry registry, String space, Watch.End end) {
    return Counter.builder("starling.watch.ends")
        .description("Watches that ended by themselves")
        .tags("space", space, "end", end.name())
        .register(registry);
  }

  private static Counter levels(
      MeterRegistry registry, String space, String level, boolean isReached) {
    return Counter.builder("starling.acknowledgements")
        .description("Transactions and tokens answered with a level of acknowledgement")
        .tags("space", space, "level", level, "outcome", isReached ? "reached" : "not-reached")
        .register(registry);
  }

  private static Counter counter(
      MeterRegistry registry, String name, String description, String space) {
    return Counter.builder(name).description(description).tag("space", space).register(registry);
  }
}
