package io.starling.node.api.grpc;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of clients: no more than so many at a time. A further one is closed as it is
/// accepted, before TLS, so that it costs neither a handshake nor a buffer; a gRPC client sees
/// UNAVAILABLE and goes to another node. Safe to use from any thread.
final class ClientConnections implements AutoCloseable {

  /// Connections at one time, those that have yet to shake hands included.
  static final int CONNECTIONS_MAX = 1_024;

  private static final Logger LOG = LoggerFactory.getLogger(ClientConnections.class);
  private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int NETWORK_THREADS = 2;
  private static final int QUIET_MILLIS = 50;

  private final int most;
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder refused = new LongAdder();
  private final AtomicLong loggedNanos = new AtomicLong(System.nanoTime() - LOG_EVERY_NANOS);
  private final EventLoopGroup threads =
      new MultiThreadIoEventLoopGroup(
          NETWORK_THREADS,
          Thread.ofPlatform().daemon().name("client-network-", 0).factory(),
          NioIoHandler.newFactory());

  /// @param most connections at one time
  ClientConnections(int most) {
    this.most = most;
  }

  /// What the network's events of clients run on.
  EventLoopGroup threads() {
    return threads;
  }

  /// Makes the sockets that listen.
  ChannelFactory<ServerChannel> listening() {
    return Listening::new;
  }

  /// How many there are now.
  int count() {
    return open.get();
  }

  /// How many were closed for there being too many.
  long refused() {
    return refused.sum();
  }

  @Override
  public void close() {
    threads
        .shutdownGracefully(QUIET_MILLIS, 1_000, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private boolean admit(NioSocketChannel connection) {
    if (open.incrementAndGet() > most) {
      open.decrementAndGet();
      refused.increment();
      connection.unsafe().closeForcibly();
      complain();
      return false;
    }
    connection.closeFuture().addListener(_ -> open.decrementAndGet());
    return true;
  }

  private void complain() {
    long last = loggedNanos.get();
    long now = System.nanoTime();
    if (now - last >= LOG_EVERY_NANOS && loggedNanos.compareAndSet(last, now)) {
      LOG.warn(
          "{} clients are connected over gRPC, the most allowed; {} connections were refused so far",
          most,
          refused.sum());
    }
  }

  /// A socket that listens, and lets in as many as there is room for.
  private final class Listening extends NioServerSocketChannel {
    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      int before = accepted.size();
      int read = super.doReadMessages(accepted);
      for (int i = accepted.size() - 1; i >= before; i--) {
        if (accepted.get(i) instanceof NioSocketChannel connection && !admit(connection)) {
          accepted.remove(i);
          read--;
        }
      }
      return read;
    }
  }
}
