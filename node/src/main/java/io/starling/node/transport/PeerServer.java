package io.starling.node.transport;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.identity.PeerAddress;
import io.starling.node.transport.PeerStream.Side;
import io.starling.proto.peer.v1.Frame;
import io.starling.proto.peer.v1.PeerGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The listening end of the transport.
final class PeerServer extends PeerGrpc.PeerImplBase {

  private static final Context.Key<NodeCertificate> PEER = Context.key("peer");
  private static final Context.Key<String> ADDRESS = Context.key("address");
  private static final int READY_BYTES = 256 * 1024;

  private final Switchboard board;

  private PeerServer(Switchboard board) {
    this.board = board;
  }

  /// Begins to listen.
  static Server start(PeerTransport.Setup setup, Switchboard board, Threads threads, PeerTls tls)
      throws IOException {
    var timing = setup.limits().timing();
    int connectionsMax = 2 * setup.limits().peers() + TransportLimits.CALLS_PER_CONNECTION_MAX;
    return NettyServerBuilder.forAddress(setup.listen())
        .channelFactory(() -> listening(new Doorkeeper(connectionsMax, board.refusals())))
        .bossEventLoopGroup(threads.network())
        .workerEventLoopGroup(threads.network())
        .executor(threads.calls())
        .sslContext(tls.server())
        .handshakeTimeout(timing.helloWithin().toMillis(), TimeUnit.MILLISECONDS)
        .maxInboundMessageSize(TransportLimits.FRAME_BYTES_MAX)
        .maxInboundMetadataSize(TransportLimits.METADATA_BYTES_MAX)
        .maxConcurrentCallsPerConnection(TransportLimits.CALLS_PER_CONNECTION_MAX)
        .maxRstFramesPerWindow(TransportLimits.RESETS_MAX, TransportLimits.RESETS_WINDOW_SECONDS)
        .permitKeepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .maxConnectionIdle(5, TimeUnit.MINUTES)
        // A certificate is looked at when a connection begins: so no connection lasts for ever.
        .maxConnectionAge(1, TimeUnit.HOURS)
        .maxConnectionAgeGrace(10, TimeUnit.SECONDS)
        .intercept(new Identification(setup.identity().authority()))
        .addService(new PeerServer(board))
        .build()
        .start();
  }

  private static ServerChannel listening(Doorkeeper doorkeeper) {
    var channel = new NioServerSocketChannel();
    channel.pipeline().addLast(doorkeeper);
    return channel;
  }

  @Override
  public StreamObserver<Frame> exchange(StreamObserver<Frame> responses) {
    var call = (ServerCallStreamObserver<Frame>) responses;
    call.disableAutoRequest();
    call.setOnReadyThreshold(READY_BYTES);
    var conversation =
        board.begin(
            new PeerStream(Side.ACCEPTED, Objects.requireNonNull(ADDRESS.get()), call),
            Objects.requireNonNull(PEER.get()));
    conversation.ifPresent(open -> {
      call.setOnReadyHandler(open::drain);
      call.setOnCancelHandler(open::ended);
      call.setOnCloseHandler(open::ended);
      call.request(1);
    });
    return new Incoming(conversation, call);
  }

  /// What the peer says on a stream that it has opened.
  private record Incoming(Optional<Conversation> conversation, ServerCallStreamObserver<Frame> call)
      implements StreamObserver<Frame> {

    @Override
    public void onNext(Frame frame) {
      conversation.ifPresent(open -> open.take(frame));
      call.request(1);
    }

    @Override
    public void onError(Throwable cause) {
      conversation.ifPresent(Conversation::ended);
    }

    @Override
    public void onCompleted() {
      conversation.ifPresent(open -> open.close(Status.OK, "the peer has closed the stream"));
    }
  }

  private static String address(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress remote
        ? new PeerAddress(remote.getAddress().getHostAddress(), remote.getPort()).toString()
        : "an unknown address";
  }

  /// Says, from the TLS session, which member has opened a stream.
  private record Identification(AuthorityCertificate authority) implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      var session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      var peer = Sessions.peer(session, authority);
      if (peer.isEmpty()) {
        call.close(Status.UNAUTHENTICATED.withDescription("no certificate"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      var context = Context.current().withValue(PEER, peer.get()).withValue(ADDRESS, address(call));
      return Contexts.interceptCall(context, call, headers, next);
    }
  }
}
