package io.starling.node.metrics;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.starling.node.loop.LoopObserver;
import io.starling.node.loop.Queued;
import io.starling.node.status.NodeStatus;
import io.starling.node.status.NodeStatus.SpaceCondition;
import io.starling.node.transport.PeerTraffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/// The meters of a node. Safe to use from any thread.
public final class NodeMetrics implements AutoCloseable {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final MultiGauge cells = gauge("starling.space.cells", "Cells at the present vector");
  private final MultiGauge buffered =
      gauge("starling.space.buffered", "Batches that wait for their causes");
  private final MultiGauge replicas =
      gauge("starling.space.replicas", "Replicas in the version vector");
  private final MultiGauge running =
      gauge("starling.space.running", "1 if the space takes writes, else 0");
  private final MultiGauge lag =
      gauge("starling.peer.lag", "Batches applied here that the peer has not announced");
  private final MultiGauge ahead =
      gauge("starling.peer.ahead", "Batches that the peer has announced and that are not applied");
  private final MultiGauge up = gauge("starling.peer.up", "1 if messages can be sent, else 0");
  private final MultiGauge queuedItems =
      gauge("starling.loop.queued", "Transactions or messages that wait for a space's loop");
  private final MultiGauge queuedBytes =
      gauge("starling.loop.queued.bytes", "Bytes of what waits for a space's loop");
  private final DiscoveryMeters discovery = new DiscoveryMeters(registry);
  private final TrafficMeters traffic = new TrafficMeters(registry);
  private final MultiGauge alarms = gauge("starling.alarms", "Alarms since the start");

  public NodeMetrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /// What measures the loop of a space.
  public LoopObserver loop(String space) {
    return new LoopMeters(registry, space);
  }

  /// A request over HTTP was answered.
  ///
  /// @param route the template, not the address: there are few
  public void answered(String route, String method, int status, Duration took) {
    Timer.builder("starling.http.requests")
        .description("Requests over HTTP")
        .tags("route", route, "method", method, "status", Integer.toString(status))
        .register(registry)
        .record(took);
  }

  /// All meters as Prometheus reads them.
  ///
  /// @param queued what waits for each space's loop, by the space's name
  public synchronized String scrape(
      NodeStatus status, SortedMap<String, Queued> queued, List<PeerTraffic> traffic) {
    refreshSpaces(status);
    refreshQueues(queued);
    this.traffic.refresh(traffic);
    refreshPeers(status);
    refreshAlarms(status);
    discovery.refresh(status.discovery());
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }

  private void refreshSpaces(NodeStatus status) {
    var cellRows = new ArrayList<Row<?>>();
    var bufferedRows = new ArrayList<Row<?>>();
    var replicaRows = new ArrayList<Row<?>>();
    var runningRows = new ArrayList<Row<?>>();
    for (var space : status.spaces()) {
      var tags = Tags.of("space", space.name());
      cellRows.add(Row.of(tags, space.status().cells()));
      bufferedRows.add(Row.of(tags, space.status().buffered()));
      replicaRows.add(Row.of(tags, space.status().active().size()));
      runningRows.add(Row.of(tags, space.condition() == SpaceCondition.RUNNING ? 1 : 0));
    }
    cells.register(cellRows, true);
    buffered.register(bufferedRows, true);
    replicas.register(replicaRows, true);
    running.register(runningRows, true);
  }

  private void refreshQueues(SortedMap<String, Queued> queued) {
    var itemRows = new ArrayList<Row<?>>();
    var byteRows = new ArrayList<Row<?>>();
    queued.forEach((space, waiting) -> {
      var own = Tags.of("space", space, "queue", "transactions");
      var others = Tags.of("space", space, "queue", "messages");
      itemRows.add(Row.of(own, waiting.submissions()));
      itemRows.add(Row.of(others, waiting.arrivals()));
      byteRows.add(Row.of(own, waiting.submissionBytes()));
      byteRows.add(Row.of(others, waiting.arrivalBytes()));
    });
    queuedItems.register(itemRows, true);
    queuedBytes.register(byteRows, true);
  }

  private void refreshPeers(NodeStatus status) {
    var lagRows = new ArrayList<Row<?>>();
    var aheadRows = new ArrayList<Row<?>>();
    var upRows = new ArrayList<Row<?>>();
    for (var space : status.spaces()) {
      for (var peer : space.status().peers()) {
        var tags = Tags.of("space", space.name(), "peer", peer.key().toString());
        lagRows.add(Row.of(tags, peer.lag()));
        aheadRows.add(Row.of(tags, peer.ahead()));
        upRows.add(Row.of(tags, peer.isUp() ? 1 : 0));
      }
    }
    lag.register(lagRows, true);
    ahead.register(aheadRows, true);
    up.register(upRows, true);
  }

  private void refreshAlarms(NodeStatus status) {
    var rows = new ArrayList<Row<?>>();
    for (var alarm : status.alarms()) {
      rows.add(Row.of(Tags.of("space", alarm.space(), "kind", alarm.kind().name()), alarm.count()));
    }
    alarms.register(rows, true);
  }

  private MultiGauge gauge(String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }
}
