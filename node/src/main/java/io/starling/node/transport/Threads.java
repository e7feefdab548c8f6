package io.starling.node.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads of the transport.
///
/// @param network sockets and TLS
/// @param calls what frames mean, signatures above all: as many threads as there are processors.
///   Each stream has at most one frame there, so what waits is bounded by the streams
/// @param lookups of host names, which may take their time; one at most for each address dialled
/// @param timer attempts to dial, echoes
record Threads(
    EventLoopGroup network,
    ExecutorService calls,
    ExecutorService lookups,
    ScheduledExecutorService timer)
    implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Threads.class);
  private static final int NETWORK_THREADS = 2;
  private static final int STOP_SECONDS = 2;

  /// What streams that are being closed still want done.
  private static final int QUIET_MILLIS = 50;

  static Threads start() {
    int processors = Runtime.getRuntime().availableProcessors();
    var names = Thread.ofPlatform().daemon();
    var timer = new ScheduledThreadPoolExecutor(1, names.name("peer-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
    return new Threads(
        new MultiThreadIoEventLoopGroup(
            NETWORK_THREADS, names.name("peer-network-", 0).factory(), NioIoHandler.newFactory()),
        Executors.newFixedThreadPool(
            Math.max(2, processors), names.name("peer-call-", 0).factory()),
        Executors.newVirtualThreadPerTaskExecutor(),
        timer);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    network
        .shutdownGracefully(QUIET_MILLIS, 1_000, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(2, TimeUnit.SECONDS);
    lookups.shutdownNow();
    calls.shutdown();
    awaitCalls();
  }

  private void awaitCalls() {
    try {
      if (!calls.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("frames are still being read after {} s; they are left to end", STOP_SECONDS);
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
