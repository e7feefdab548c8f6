package io.starling.node.transport;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.PeerAddress;
import io.starling.node.transport.PeerStream.Side;
import io.starling.proto.peer.v1.Frame;
import io.starling.proto.peer.v1.PeerGrpc;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a stream open to one address: dials, and dials again when the stream ends, for as long as
/// its [Persistence] says and with the pauses that it says.
///
/// Each attempt has a channel of its own: so the pauses are ours and not gRPC's, and the address is
/// looked up afresh. Runs on the timer's thread, but for the frames themselves.
final class Dialler {

  private static final Logger LOG = LoggerFactory.getLogger(Dialler.class);
  private static final int CONNECT_MILLIS = 5_000;
  private static final int READY_BYTES = 256 * 1024;

  private final PeerAddress address;
  private final Switchboard board;
  private final Threads threads;
  private final PeerTls tls;
  private final AuthorityCertificate authority;
  private final Persistence persistence;
  private Optional<Attempt> current = Optional.empty();
  private String logged = "";
  private boolean isClosed;

  Dialler(
      PeerAddress address,
      Persistence persistence,
      Switchboard board,
      Threads threads,
      PeerTls tls,
      AuthorityCertificate authority) {
    this.address = address;
    this.persistence = persistence;
    this.board = board;
    this.threads = threads;
    this.tls = tls;
    this.authority = authority;
  }

  PeerAddress address() {
    return address;
  }

  /// Dials now, or when it may.
  synchronized void dial() {
    if (isClosed) {
      return;
    }
    if (board.isAbandoned(address)) {
      again(TransportLimits.ABANDONED_PAUSE);
      return;
    }
    var wait = persistence.wait(address);
    if (wait.isPositive()) {
      again(wait);
    } else {
      current = Optional.of(new Attempt());
      current.get().start();
    }
  }

  private void again(Duration pause) {
    threads.timer().schedule(this::dial, pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Whether it goes on dialling.
  synchronized boolean isActive() {
    return !isClosed;
  }

  synchronized void close() {
    isClosed = true;
    current.ifPresent(Attempt::close);
  }

  private synchronized void ended(Attempt attempt, String why) {
    attempt.close();
    if (isClosed || attempt.isOver) {
      return;
    }
    attempt.isOver = true;
    if (attempt.isSelf()) {
      isClosed = true;
      LOG.info("{} is this node itself; it is not dialled again", address);
      return;
    }
    var pause = persistence.ended(attempt.isGreeted());
    if (pause.isEmpty()) {
      isClosed = true;
      LOG.info("no stream to {}: {}; it is not dialled again", address, why);
      return;
    }
    if (!why.equals(logged) && persistence.isWorthTelling()) {
      LOG.warn(
          "no stream to {}: {}; dialling again, first in {} ms",
          address,
          why,
          pause.get().toMillis());
      logged = why;
    }
    again(pause.get());
  }

  /// One attempt, and the stream that comes of it.
  private final class Attempt implements ClientResponseObserver<Frame, Frame> {

    private final ManagedChannel channel = channel();
    private final ClientCall<Frame, Frame> call =
        channel.newCall(
            PeerGrpc.getExchangeMethod(), CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES));
    private Optional<ClientCallStreamObserver<Frame>> out = Optional.empty();
    private Optional<ScheduledFuture<?>> deadline = Optional.empty();
    private volatile Optional<Conversation> conversation = Optional.empty();
    private boolean isOver;
    private boolean isTold;

    void start() {
      var within = board.limits().timing().helloWithin();
      deadline =
          Optional.of(
              threads.timer().schedule(this::giveUp, within.toNanos(), TimeUnit.NANOSECONDS));
      ClientCalls.asyncBidiStreamingCall(call, this);
      out.ifPresent(requests -> requests.onNext(board.greeting().first().frame()));
    }

    void close() {
      deadline.ifPresent(pending -> pending.cancel(false));
      channel.shutdownNow();
    }

    boolean isGreeted() {
      return conversation.isPresent() && conversation.get().isGreeted();
    }

    boolean isSelf() {
      return conversation.isPresent() && conversation.get().isSelf();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Frame> requests) {
      out = Optional.of(requests);
      requests.disableAutoRequestWithInitial(1);
      requests.setOnReadyHandler(() -> conversation.ifPresent(Conversation::drain));
    }

    @Override
    public void onNext(Frame frame) {
      var requests = out.orElseThrow();
      if (conversation.isEmpty()) {
        conversation = begin(requests);
      }
      conversation.ifPresent(open -> open.take(frame));
      if (!isTold && isGreeted()) {
        isTold = true;
        persistence.greeted();
      }
      requests.request(1);
    }

    @Override
    public void onError(Throwable cause) {
      conversation.ifPresent(Conversation::ended);
      if (Conversation.isDismissal(Status.fromThrowable(cause))) {
        dismissed();
      }
      ended(this, describe(cause));
    }

    /// Whoever closed it has proven by TLS which member it is.
    private void dismissed() {
      var session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      Sessions.peer(session, authority).ifPresent(peer -> board.dismissed(peer.fingerprint()));
    }

    @Override
    public void onCompleted() {
      conversation.ifPresent(Conversation::ended);
      ended(this, "the peer has closed it");
    }

    private Optional<Conversation> begin(ClientCallStreamObserver<Frame> requests) {
      var session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      var stream = new PeerStream(Side.DIALLED, address.toString(), requests);
      var begun = Sessions.peer(session, authority).flatMap(peer -> board.begin(stream, peer));
      if (begun.isEmpty()) {
        call.cancel("no conversation with this peer", null);
      }
      return begun;
    }

    private void giveUp() {
      if (!isGreeted()) {
        call.cancel("no Hello came within " + board.limits().timing().helloWithin(), null);
      }
    }

    private ManagedChannel channel() {
      return NettyChannelBuilder.forAddress(address.host(), address.port())
          .channelType(NioSocketChannel.class)
          .eventLoopGroup(threads.network())
          .executor(threads.calls())
          .offloadExecutor(threads.lookups())
          .sslContext(tls.client())
          .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
          .keepAliveTime(40, TimeUnit.SECONDS)
          .keepAliveTimeout(10, TimeUnit.SECONDS)
          .maxInboundMessageSize(TransportLimits.FRAME_BYTES_MAX)
          .maxInboundMetadataSize(TransportLimits.METADATA_BYTES_MAX)
          .disableRetry()
          .disableServiceConfigLookUp()
          .build();
    }
  }

  private static String describe(Throwable cause) {
    var status = Status.fromThrowable(cause);
    var source = Optional.ofNullable(status.getCause());
    var said = Optional.ofNullable(status.getDescription()).orElse(status.getCode().name());
    return source.map(Refusals::describe).orElse(said);
  }
}
