package io.starling.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.starling.node.metrics.Reading.Clients;
import io.starling.node.metrics.Reading.Connections;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;

/// What clients ask for, and what they have open. Nothing here names a client.
final class ClientMeters {

  private final MeterRegistry registry;
  private final AtomicReference<Clients> latest =
      new AtomicReference<>(new Clients(new Connections(0, 0), new Connections(0, 0), 0, 0, 0));

  ClientMeters(MeterRegistry registry) {
    this.registry = registry;
    connections("grpc", Clients::grpc);
    connections("http", Clients::http);
    gauge("starling.http.active", "Requests that are worked on", Clients::requests);
    gauge("starling.http.streams", "Server-sent events and sockets", Clients::streams);
    gauge("starling.http.body.bytes", "Bytes of bodies that are held", Clients::bodyBytes);
  }

  void refresh(Clients now) {
    latest.set(now);
  }

  void answered(String route, String method, int status, Duration took) {
    Timer.builder("starling.http.requests")
        .description("Requests over HTTP")
        .tags("route", route, "method", method, "status", Integer.toString(status))
        .register(registry)
        .record(took);
  }

  void called(String method, String code, Duration took) {
    Timer.builder("starling.grpc.calls")
        .description("Calls over gRPC")
        .tags("method", method, "code", code)
        .serviceLevelObjectives(Buckets.CALLS)
        .register(registry)
        .record(took);
  }

  @FunctionalInterface
  private interface Port {
    Connections of(Clients clients);
  }

  private void connections(String name, Port port) {
    var prefix = "starling." + name + ".connections";
    gauge(prefix, "Connections that are open", it -> port.of(it).open());
    FunctionCounter.builder(prefix + ".refused", latest, it -> port.of(now(it)).refused())
        .description("Connections closed at once, for there were too many")
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<Clients> value) {
    Gauge.builder(name, latest, it -> value.applyAsDouble(now(it)))
        .description(description)
        .register(registry);
  }

  private static Clients now(AtomicReference<Clients> latest) {
    return Objects.requireNonNull(latest.get(), "made with one");
  }
}
