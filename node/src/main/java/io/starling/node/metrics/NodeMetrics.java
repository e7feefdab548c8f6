package io.starling.node.metrics;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.starling.node.hosting.SpaceMeter;
import io.starling.replica.port.Signer;
import java.time.Duration;

/// The meters of a node. Safe to use from any thread.
public final class NodeMetrics implements AutoCloseable {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final SpaceGauges spaces = new SpaceGauges(registry);
  private final DiscoveryMeters discovery = new DiscoveryMeters(registry);
  private final BackupMeters backups = new BackupMeters(registry);
  private final TrafficMeters traffic = new TrafficMeters(registry);
  private final ClientMeters clients = new ClientMeters(registry);
  private final Timer signed = signatures("sign");
  private final Timer verified = signatures("verify");

  public NodeMetrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /// What measures a space.
  public SpaceMeter space(String name) {
    return new SpaceMeters(registry, name);
  }

  /// A signer whose signatures are measured.
  public Signer measured(Signer signer) {
    return message -> {
      long begun = System.nanoTime();
      try {
        return signer.sign(message);
      } finally {
        signed.record(Duration.ofNanos(System.nanoTime() - begun));
      }
    };
  }

  /// A signature of a peer was checked.
  public void verified(Duration took) {
    verified.record(took);
  }

  /// A request over HTTP was answered.
  ///
  /// @param route the template, not the address: there are few
  public void answered(String route, String method, int status, Duration took) {
    clients.answered(route, method, status, took);
  }

  /// A call over gRPC has ended.
  public void called(String method, String code, Duration took) {
    clients.called(method, code, took);
  }

  /// All meters as Prometheus reads them.
  public synchronized String scrape(Reading now) {
    spaces.refresh(now);
    traffic.refresh(now);
    discovery.refresh(now.status().discovery());
    backups.refresh(now.status().backups());
    clients.refresh(now.clients());
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }

  private Timer signatures(String operation) {
    return Timer.builder("starling.signatures")
        .description("Signatures made and checked")
        .tag("operation", operation)
        .serviceLevelObjectives(Buckets.WORK)
        .register(registry);
  }
}
