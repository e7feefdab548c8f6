package io.starling.client.link;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.StarlingGrpc.StarlingBlockingStub;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// One node: a connection for calls and one for watches, so that neither takes the other's share of
/// the calls that a node lets a connection have at once. Both are made when first used.
public final class Node {

  private static final int ANSWER_BYTES_MAX = 4 << 20;
  private static final int KEEP_ALIVE_SECONDS = 45;

  private final Address address;
  private final ManagedChannel calls;
  private final ManagedChannel watches;
  private final CallCredentials bearer;

  Node(Address address, ChannelCredentials credentials, CallCredentials bearer) {
    this.address = address;
    this.calls = channel(address, credentials);
    this.watches = channel(address, credentials);
    this.bearer = bearer;
  }

  private static ManagedChannel channel(Address address, ChannelCredentials credentials) {
    return Grpc.newChannelBuilderForAddress(address.host(), address.port(), credentials)
        .maxInboundMessageSize(ANSWER_BYTES_MAX)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .disableRetry()
        .build();
  }

  /// Where it is.
  public Address address() {
    return address;
  }

  /// Makes a call, which ends within the limit.
  ///
  /// @throws CallFailure if it did not get through, or was refused
  public <R> R call(Duration limit, Function<StarlingBlockingStub, R> call) throws CallFailure {
    hurry(calls);
    var sending = new Sending();
    var stub =
        StarlingGrpc.newBlockingStub(calls)
            .withCallCredentials(bearer)
            .withInterceptors(new Traced(sending))
            .withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS);
    try {
      return call.apply(stub);
    } catch (StatusRuntimeException failed) {
      throw new CallFailure(address, failed, sending.hasBegun());
    }
  }

  /// Opens a watch. Its messages come when they are read, one is read ahead.
  public BlockingClientCall<?, WatchResponse> watch(WatchRequest request) {
    hurry(watches);
    return StarlingGrpc.newBlockingV2Stub(watches).withCallCredentials(bearer).watch(request);
  }

  // Whoever asks again has waited already; gRPC would wait up to two minutes more by itself.
  private static void hurry(ManagedChannel channel) {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
  }

  void close() {
    calls.shutdownNow();
    watches.shutdownNow();
  }

  @Override
  public String toString() {
    return address.toString();
  }

  /// Notes whether a call gets as far as a connection.
  private record Traced(Sending sending) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return next.newCall(method, options.withStreamTracerFactory(sending));
    }
  }
}
