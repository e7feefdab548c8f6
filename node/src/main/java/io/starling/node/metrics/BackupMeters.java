package io.starling.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.starling.node.backup.BackupStatus;
import io.starling.node.backup.BackupStatus.Ended;
import io.starling.node.backup.BackupStatus.Result;
import io.starling.node.backup.Manifest;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/// The backups of a node. All are 0 on a node that makes none.
final class BackupMeters {

  private static final double MILLIS = 1e3;

  private final MeterRegistry registry;
  private final AtomicReference<Optional<BackupStatus>> latest =
      new AtomicReference<>(Optional.empty());

  BackupMeters(MeterRegistry registry) {
    this.registry = registry;
    gauge(
        "last.success.seconds",
        "When the last backup of this node became whole, in seconds since 1970",
        it -> it.succeeded().map(at -> at.toEpochMilli() / MILLIS).orElse(0.0));
    gauge("running", "1 while a backup is being made", it -> it.running().isPresent() ? 1 : 0);
    gauge(
        "last.duration.seconds",
        "How long the last backup took, made or not",
        it -> it.last().map(BackupMeters::seconds).orElse(0.0));
    gauge("last.bytes", "Bytes of the last backup", it -> totals(it, Manifest.Totals::bytes));
    gauge(
        "last.added.bytes",
        "Bytes that the last backup added to the repository",
        it -> totals(it, Manifest.Totals::addedBytes));
    counter("made", "Backups made", BackupStatus::made);
    counter("failures", "Backups that failed", BackupStatus::failed);
  }

  void refresh(Optional<BackupStatus> now) {
    latest.set(now);
  }

  private static double seconds(Ended ended) {
    return Duration.between(ended.since(), ended.until()).toMillis() / MILLIS;
  }

  private static double totals(BackupStatus status, ToLongFunction<Manifest.Totals> figure) {
    return status
        .last()
        .map(Ended::result)
        .filter(Result.Made.class::isInstance)
        .map(it -> (double) figure.applyAsLong(((Result.Made) it).totals()))
        .orElse(0.0);
  }

  private void gauge(String name, String description, ToDoubleFunction<BackupStatus> value) {
    Gauge.builder("starling.backups." + name, latest, it -> now(it, value))
        .description(description)
        .register(registry);
  }

  private void counter(String name, String description, ToDoubleFunction<BackupStatus> count) {
    FunctionCounter.builder("starling.backups." + name, latest, it -> now(it, count))
        .description(description)
        .register(registry);
  }

  private static double now(
      AtomicReference<Optional<BackupStatus>> latest, ToDoubleFunction<BackupStatus> value) {
    return Objects.requireNonNull(latest.get(), "made with one")
        .map(value::applyAsDouble)
        .orElse(0.0);
  }
}
