package io.starling.node.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends spans, and says in one line, once a minute at most, that they do not get there.
record Reporting(SpanExporter exporter, URI collector, AtomicLong saidNanos)
    implements SpanExporter {

  private static final Logger LOG = LoggerFactory.getLogger(Reporting.class);
  private static final long SAY_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  // What the library says of it itself, stack traces and all. Held, or it would be forgotten.
  private static final java.util.logging.Logger LIBRARY =
      java.util.logging.Logger.getLogger("io.opentelemetry");

  static SpanExporter of(SpanExporter exporter, URI collector) {
    LIBRARY.setLevel(java.util.logging.Level.OFF);
    var never = new AtomicLong(System.nanoTime() - SAY_EVERY_NANOS);
    return new Reporting(exporter, collector, never);
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    var sent = exporter.export(spans);
    sent.whenComplete(() -> {
      if (!sent.isSuccess()) {
        say();
      }
    });
    return sent;
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }

  private void say() {
    long last = saidNanos.get();
    long now = System.nanoTime();
    if (now - last >= SAY_EVERY_NANOS && saidNanos.compareAndSet(last, now)) {
      LOG.warn("traces do not reach {}, and are dropped meanwhile", collector);
    }
  }
}
