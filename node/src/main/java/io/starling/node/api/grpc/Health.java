package io.starling.node.api.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.starling.node.status.NodeStatus;
import io.starling.proto.v1.StarlingGrpc;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What `grpc.health.v1` says: SERVING while the node is ready and every space takes writes, as
/// `/api/health` does, of the server as a whole and of the API by its name.
///
/// A Check looks at that moment; who Watches hears within [#LOOK_MILLIS].
final class Health implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Health.class);

  /// How often a change is looked for on behalf of those who watch.
  static final long LOOK_MILLIS = 250;

  private final HealthStatusManager answers = new HealthStatusManager();
  private final NodeStatus.Source status;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("grpc-health").factory());

  Health(NodeStatus.Source status) {
    this.status = status;
    look();
    timer.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// The calls that tell.
  ServerServiceDefinition calls() {
    return ServerInterceptors.intercept(answers.getHealthService(), new Looking());
  }

  /// Says that the node serves no more, whatever follows.
  @Override
  public void close() {
    timer.shutdownNow();
    answers.enterTerminalState();
  }

  private void look() {
    var now = isServing() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    answers.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, now);
    answers.setStatus(StarlingGrpc.SERVICE_NAME, now);
  }

  private boolean isServing() {
    try {
      return status.status().isServing();
    } catch (RuntimeException unknown) {
      LOG.warn("the node's condition cannot be told: {}", unknown.getMessage());
      LOG.debug("what was met", unknown);
      return false;
    }
  }

  /// Looks before anything is told.
  private final class Looking implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      look();
      return next.startCall(call, headers);
    }
  }
}
