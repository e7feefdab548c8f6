package io.starling.node.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.function.Supplier;

/// The span of one client's call. Transactions that are submitted within it belong to it.
public final class CallSpan {

  /// Of a call that is not traced.
  static final CallSpan NONE = new CallSpan(Span.getInvalid());

  private final Span span;

  CallSpan(Span span) {
    this.span = span;
  }

  /// Does something that belongs to it, on this thread.
  public <T> T within(Supplier<T> deed) {
    if (!span.getSpanContext().isValid()) {
      return deed.get();
    }
    try (var _ = span.makeCurrent()) {
      return deed.get();
    }
  }

  /// Does something that belongs to it, on this thread.
  public void within(Runnable deed) {
    within(() -> {
      deed.run();
      return true;
    });
  }

  /// Ends it.
  ///
  /// @param name what was called, known only now perhaps
  /// @param code what it was answered with
  public void end(String name, String code, boolean isFault) {
    if (span.getSpanContext().isValid()) {
      span.updateName(name).setAttribute("starling.code", code);
      if (isFault) {
        span.setStatus(StatusCode.ERROR);
      }
      span.end();
    }
  }
}
