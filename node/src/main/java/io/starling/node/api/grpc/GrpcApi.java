package io.starling.node.api.grpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.starling.node.access.Access;
import io.starling.node.access.SignInCodes;
import io.starling.node.identity.Credentials;
import io.starling.node.space.Spaces;
import io.starling.node.status.NodeStatus;
import io.starling.node.tracing.Tracing;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The gRPC server for clients: the API, health and reflection.
///
/// Health and reflection answer without a bearer token: they tell nothing but that a node is there.
public final class GrpcApi implements AutoCloseable {

  /// Bytes of one message from a client.
  public static final int MESSAGE_BYTES_MAX = 1 << 20;

  private static final int METADATA_BYTES_MAX = 8 << 10;
  private static final int CALLS_PER_CONNECTION_MAX = 32;
  private static final int RESETS_MAX = 200;
  private static final int RESETS_WINDOW_SECONDS = 30;

  private final Server server;
  private final Health health;
  private final ExecutorService executor;
  private final ClientConnections connections;

  private GrpcApi(
      Server server, Health health, ExecutorService executor, ClientConnections connections) {
    this.server = server;
    this.health = health;
    this.executor = executor;
    this.connections = connections;
  }

  /// What the server offers.
  ///
  /// @param codes by which browsers sign in
  /// @param version of the program, for Status
  /// @param meter is told of every call
  public record Offer(
      ClusterId cluster,
      Spaces spaces,
      Access access,
      SignInCodes codes,
      NodeStatus.Source status,
      String version,
      GrpcMeter meter,
      Tracing tracing) {

    /// Without measuring and tracing.
    public Offer(
        ClusterId cluster,
        Spaces spaces,
        Access access,
        SignInCodes codes,
        NodeStatus.Source status,
        String version) {
      this(cluster, spaces, access, codes, status, version, (_, _, _) -> {}, Tracing.off());
    }
  }

  /// Starts to listen.
  ///
  /// @param credentials what the server proves itself with; without them it speaks plain text, and
  ///   listens on loopback only
  /// @throws IOException if the port is in use
  /// @throws IllegalArgumentException if plain text is asked for beyond loopback
  public static GrpcApi start(
      InetSocketAddress address, Optional<Credentials> credentials, Offer offer)
      throws IOException {
    return start(address, credentials, offer, ClientConnections.CONNECTIONS_MAX);
  }

  /// @param connectionsMax connections at one time; a further one is closed at once
  static GrpcApi start(
      InetSocketAddress address, Optional<Credentials> credentials, Offer offer, int connectionsMax)
      throws IOException {
    var connections = new ClientConnections(connectionsMax);
    try {
      return start(builder(address, credentials, connections), offer, connections);
    } catch (IOException | RuntimeException refused) {
      connections.close();
      throw refused;
    }
  }

  private static NettyServerBuilder builder(
      InetSocketAddress address, Optional<Credentials> credentials, ClientConnections connections)
      throws IOException {
    var builder =
        NettyServerBuilder.forAddress(address)
            .channelFactory(connections.listening())
            .bossEventLoopGroup(connections.threads())
            .workerEventLoopGroup(connections.threads())
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION_MAX)
            .maxRstFramesPerWindow(RESETS_MAX, RESETS_WINDOW_SECONDS)
            .permitKeepAliveTime(RESETS_WINDOW_SECONDS, TimeUnit.SECONDS)
            .maxConnectionIdle(5, TimeUnit.MINUTES)
            .maxConnectionAge(1, TimeUnit.HOURS)
            .maxConnectionAgeGrace(1, TimeUnit.HOURS)
            .handshakeTimeout(10, TimeUnit.SECONDS);
    if (credentials.isPresent()) {
      builder.sslContext(tls(credentials.get()));
    } else if (address.isUnresolved() || !address.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "gRPC without TLS on " + address + ": plain text is for loopback only; leave TLS on");
    }
    return builder;
  }

  /// Starts a server that is made ready but for what it offers, without connections of its own.
  static GrpcApi start(ServerBuilder<?> builder, Offer offer) throws IOException {
    return start(builder, offer, new ClientConnections(0));
  }

  private static GrpcApi start(ServerBuilder<?> builder, Offer offer, ClientConnections connections)
      throws IOException {
    var executor = Executors.newVirtualThreadPerTaskExecutor();
    var health = new Health(offer.status());
    BindableService calls = new StarlingCalls(offer, executor);
    var server =
        builder
            .executor(executor)
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .maxInboundMetadataSize(METADATA_BYTES_MAX)
            .intercept(new CallTraces(offer.tracing()))
            .intercept(new Metering(offer.meter()))
            .addService(ServerInterceptors.intercept(calls, new BearerTokens(offer.access())))
            .addService(health.calls())
            .addService(ProtoReflectionServiceV1.newInstance())
            .addService(olderReflection())
            .build();
    try {
      server.start();
    } catch (IOException inUse) {
      health.close();
      executor.close();
      throw inUse;
    }
    return new GrpcApi(server, health, executor, connections);
  }

  // Clients that were built before reflection had a version 1 are still about.
  @SuppressWarnings("deprecation")
  private static BindableService olderReflection() {
    return io.grpc.protobuf.services.ProtoReflectionService.newInstance();
  }

  private static SslContext tls(Credentials credentials) throws IOException {
    var builder = SslContextBuilder.forServer(credentials.secret(), credentials.chain());
    return GrpcSslContexts.configure(builder, SslProvider.JDK).protocols("TLSv1.3").build();
  }

  /// The port it listens on.
  public int port() {
    return server.getPort();
  }

  /// Connections of clients that are open now.
  public int connections() {
    return connections.count();
  }

  /// Connections that were closed as soon as they came, for there were too many.
  public long connectionsRefused() {
    return connections.refused();
  }

  /// Tells health checks to send clients elsewhere, lets running calls end for a moment, then
  /// stops.
  @Override
  public void close() {
    health.close();
    server.shutdown();
    try {
      if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException hurried) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    executor.shutdown();
    connections.close();
  }
}
