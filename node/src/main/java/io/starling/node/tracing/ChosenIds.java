package io.starling.node.tracing;

import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Ids at random, but for spans whose ids all nodes can know.
final class ChosenIds implements IdGenerator {

  static final ChosenIds INSTANCE = new ChosenIds();

  private final IdGenerator random = IdGenerator.random();
  private static final ThreadLocal<@Nullable Ids> CHOSEN = new ThreadLocal<>();

  private record Ids(String trace, String span) {}

  private ChosenIds() {}

  /// Has the span that is started meanwhile get these ids.
  <T> T with(String trace, String span, Supplier<T> started) {
    CHOSEN.set(new Ids(trace, span));
    try {
      return started.get();
    } finally {
      CHOSEN.remove();
    }
  }

  @Override
  public String generateTraceId() {
    var ids = CHOSEN.get();
    return ids == null ? random.generateTraceId() : ids.trace();
  }

  @Override
  public String generateSpanId() {
    var ids = CHOSEN.get();
    return ids == null ? random.generateSpanId() : ids.span();
  }
}
