package io.starling.node.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;

/// The span of one client's call. Transactions that are submitted while it is entered belong to it.
public final class CallSpan {

  /// Of a call that is not traced.
  static final CallSpan NONE = new CallSpan(Span.getInvalid());

  private final Span span;

  CallSpan(Span span) {
    this.span = span;
  }

  /// Leaves it again when closed, on the same thread.
  @FunctionalInterface
  public interface Entered extends AutoCloseable {
    @Override
    void close();
  }

  /// Makes it the one of this thread.
  public Entered enter() {
    if (!span.getSpanContext().isValid()) {
      return () -> {};
    }
    var scope = span.makeCurrent();
    return scope::close;
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
