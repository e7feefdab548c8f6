package io.starling.node.api.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.starling.node.tracing.CallSpan;
import io.starling.node.tracing.Tracing;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// Traces calls. A client may send `traceparent`.
final class CallTraces implements ServerInterceptor {

  private static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  private final Tracing tracing;

  CallTraces(Tracing tracing) {
    this.tracing = tracing;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (!tracing.isOn()) {
      return next.startCall(call, headers);
    }
    var method = call.getMethodDescriptor().getFullMethodName();
    var span = tracing.call(method, Optional.ofNullable(headers.get(TRACEPARENT)).orElse(""));
    var isOver = new AtomicBoolean();
    var traced =
        new SimpleForwardingServerCall<Q, R>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            end(span, isOver, method, status.getCode());
            super.close(status, trailers);
          }
        };
    ServerCall.Listener<Q> listener = span.within(() -> next.startCall(traced, headers));
    return new Entering<>(listener, span, () -> end(span, isOver, method, Status.Code.CANCELLED));
  }

  private static void end(CallSpan span, AtomicBoolean isOver, String method, Status.Code code) {
    if (isOver.compareAndSet(false, true)) {
      boolean isFault =
          switch (code) {
            case UNKNOWN, INTERNAL, UNAVAILABLE, DATA_LOSS, DEADLINE_EXCEEDED, UNIMPLEMENTED ->
                true;
            default -> false;
          };
      span.end(method, code.name(), isFault);
    }
  }

  /// What is done in a call's callbacks belongs to its span.
  private static final class Entering<Q> extends SimpleForwardingServerCallListener<Q> {
    private final CallSpan span;
    private final Runnable cancelled;

    private Entering(ServerCall.Listener<Q> listener, CallSpan span, Runnable cancelled) {
      super(listener);
      this.span = span;
      this.cancelled = cancelled;
    }

    @Override
    public void onMessage(Q message) {
      span.within(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      span.within(super::onHalfClose);
    }

    @Override
    public void onCancel() {
      cancelled.run();
      super.onCancel();
    }
  }
}
