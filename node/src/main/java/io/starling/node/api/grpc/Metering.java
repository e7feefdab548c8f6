package io.starling.node.api.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/// Measures calls, each once: when it is answered, or when its client has given it up.
final class Metering implements ServerInterceptor {

  private final GrpcMeter meter;

  Metering(GrpcMeter meter) {
    this.meter = meter;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    var running = new Running(call.getMethodDescriptor().getFullMethodName());
    var measured =
        new SimpleForwardingServerCall<Q, R>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            running.ended(status.getCode());
            super.close(status, trailers);
          }
        };
    return new SimpleForwardingServerCallListener<Q>(next.startCall(measured, headers)) {
      @Override
      public void onCancel() {
        running.ended(Status.Code.CANCELLED);
        super.onCancel();
      }
    };
  }

  private final class Running {
    private final String method;
    private final long begun = System.nanoTime();
    private final AtomicBoolean isOver = new AtomicBoolean();

    private Running(String method) {
      this.method = method;
    }

    private void ended(Status.Code code) {
      if (isOver.compareAndSet(false, true)) {
        meter.answered(method, code.name(), Duration.ofNanos(System.nanoTime() - begun));
      }
    }
  }
}
