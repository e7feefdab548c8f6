package io.starling.node.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.starling.node.loop.LoopObserver;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The traces of a node. Safe to use from any thread; nothing here waits for the collector, and
/// what it does not take in time is dropped.
public final class Tracing implements AutoCloseable {

  /// Spans that wait to be sent; further ones are dropped.
  public static final int QUEUE_MAX = 2_048;

  /// Attributes of a span, and characters of each.
  static final int ATTRIBUTES_MAX = 16;

  static final int ATTRIBUTE_CHARS_MAX = 256;

  private static final int SENT_AT_ONCE = 512;
  private static final Duration SEND_EVERY = Duration.ofSeconds(1);
  private static final Duration SEND_MAX = Duration.ofSeconds(5);
  private static final long STOP_SECONDS = 2;
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final Tracer tracer;
  private final int percent;
  private final Runnable stop;

  private Tracing(TracerProvider provider, int percent, Runnable stop) {
    this.tracer = provider.get("io.starling");
    this.percent = percent;
    this.stop = stop;
  }

  /// No traces at all, at no cost.
  public static Tracing off() {
    return new Tracing(TracerProvider.noop(), 0, () -> {});
  }

  /// Sends traces to a collector.
  ///
  /// @param collector where OTLP over HTTP is taken, without `/v1/traces`
  /// @param percent of traces that are sent, unless the client's trace is
  /// @param node what the node is called
  public static Tracing to(URI collector, int percent, String node) {
    var base = collector.toString().replaceFirst("/+$", "");
    var exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(base + "/v1/traces")
            .setTimeout(SEND_MAX)
            .setConnectTimeout(SEND_MAX)
            .setRetryPolicy(null)
            .build();
    var processor =
        BatchSpanProcessor.builder(Reporting.of(exporter, collector))
            .setMaxQueueSize(QUEUE_MAX)
            .setMaxExportBatchSize(SENT_AT_ONCE)
            .setScheduleDelay(SEND_EVERY)
            .setExporterTimeout(SEND_MAX)
            .build();
    var resource =
        Resource.create(
            Attributes.of(
                AttributeKey.stringKey("service.name"),
                "starling",
                AttributeKey.stringKey("service.instance.id"),
                node));
    var provider =
        SdkTracerProvider.builder()
            .setResource(resource)
            .setIdGenerator(ChosenIds.INSTANCE)
            .setSampler(Sampler.parentBased(share(percent)))
            .setSpanLimits(
                SpanLimits.builder()
                    .setMaxNumberOfAttributes(ATTRIBUTES_MAX)
                    .setMaxAttributeValueLength(ATTRIBUTE_CHARS_MAX)
                    .build())
            .addSpanProcessor(processor)
            .build();
    return new Tracing(
        provider, percent, () -> provider.shutdown().join(STOP_SECONDS, TimeUnit.SECONDS));
  }

  /// Whether anything is traced.
  public boolean isOn() {
    return percent > 0;
  }

  /// Begins the span of a client's call.
  ///
  /// @param traceparent what the client sent (W3C Trace Context); empty, or anything else, begins a
  ///   trace of its own
  public CallSpan call(String name, String traceparent) {
    if (!isOn()) {
      return CallSpan.NONE;
    }
    var span =
        tracer
            .spanBuilder(name)
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent(traceparent))
            .startSpan();
    return new CallSpan(span);
  }

  /// What traces the loop of a space.
  public LoopObserver loop(String space) {
    return isOn() ? new LoopSpans(tracer, share(percent), space) : new LoopObserver() {};
  }

  /// Sends what waits, for a moment, and stops.
  @Override
  public void close() {
    stop.run();
  }

  private static Sampler share(int percent) {
    return Sampler.traceIdRatioBased(percent / 100.0);
  }

  private static Context parent(String traceparent) {
    if (!TRACEPARENT.matcher(traceparent).matches()) {
      return Context.root();
    }
    return W3CTraceContextPropagator.getInstance()
        .extract(Context.root(), Map.of("traceparent", traceparent), Headers.ONE);
  }

  private enum Headers implements TextMapGetter<Map<String, String>> {
    ONE;

    @Override
    public Iterable<String> keys(Map<String, String> carrier) {
      return carrier.keySet();
    }

    @Override
    public @Nullable String get(@Nullable Map<String, String> carrier, String key) {
      return carrier == null ? null : carrier.get(key);
    }
  }
}
