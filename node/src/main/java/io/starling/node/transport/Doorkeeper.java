package io.starling.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands in the pipeline of the listening socket: bounds the connections, and sees the handshakes
/// that fail, which gRPC tells nobody of.
final class Doorkeeper extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(Doorkeeper.class);

  private final int connectionsMax;
  private final Refusals refusals;
  private final AtomicInteger connections = new AtomicInteger();

  Doorkeeper(int connectionsMax, Refusals refusals) {
    this.connectionsMax = connectionsMax;
    this.refusals = refusals;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var child = (Channel) message;
    if (connections.incrementAndGet() > connectionsMax) {
      connections.decrementAndGet();
      refusals.add(Refusal.TOO_MANY_CONNECTIONS, who(child), connectionsMax + " are open already");
      child.unsafe().closeForcibly();
      return;
    }
    child.closeFuture().addListener(closed -> connections.decrementAndGet());
    child.pipeline().addFirst(new Threshold(refusals));
    context.fireChannelRead(message);
  }

  private static String who(Channel channel) {
    return String.valueOf(channel.remoteAddress());
  }

  /// Waits, on one connection, for the first bytes: by then gRPC has put TLS in place.
  private static final class Threshold extends ChannelInboundHandlerAdapter {

    private final Refusals refusals;

    Threshold(Refusals refusals) {
      this.refusals = refusals;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var channel = context.channel();
      var tls = context.pipeline().get(SslHandler.class);
      if (tls == null) {
        LOG.error("no TLS in the pipeline of {}; it is closed", who(channel));
        io.netty.util.ReferenceCountUtil.release(message);
        context.close();
        return;
      }
      tls.handshakeFuture()
          .addListener(done -> {
            if (!done.isSuccess()) {
              refusals.addHandshake(who(channel), done.cause());
            }
          });
      context.pipeline().remove(this);
      context.fireChannelRead(message);
    }
  }
}
