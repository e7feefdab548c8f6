package io.starling.node.client;

import io.grpc.CallCredentials;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.StreamObserver;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyResponse;
import io.starling.proto.v1.ApplyStreamRequest;
import io.starling.proto.v1.ApplyStreamResponse;
import io.starling.proto.v1.CreateSignInCodeRequest;
import io.starling.proto.v1.CreateSpaceRequest;
import io.starling.proto.v1.DropSpaceRequest;
import io.starling.proto.v1.DropSpaceResponse;
import io.starling.proto.v1.ListSpacesRequest;
import io.starling.proto.v1.ListSpacesResponse;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.ReadResponse;
import io.starling.proto.v1.ScanRequest;
import io.starling.proto.v1.ScanResponse;
import io.starling.proto.v1.SetSpaceRequest;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.StatusRequest;
import io.starling.proto.v1.StatusResponse;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// A connection to one node. Safe to use from any thread; calls block.
public final class NodeClient implements AutoCloseable {

  private static final Duration CALL_MAX = Duration.ofSeconds(75);
  private static final int ANSWER_BYTES_MAX = 4 << 20;

  private final Endpoint endpoint;
  private final ManagedChannel channel;
  private final CallCredentials bearer;

  private NodeClient(Endpoint endpoint, ManagedChannel channel) {
    this.endpoint = endpoint;
    this.channel = channel;
    this.bearer = new Bearer(endpoint.token());
  }

  /// Prepares a connection; it is made by the first call, and again when it is lost.
  ///
  /// @throws IOException if the authority's certificate cannot be read
  public static NodeClient open(Endpoint endpoint) throws IOException {
    ChannelCredentials credentials = InsecureChannelCredentials.create();
    if (endpoint.authority().isPresent()) {
      var authority = endpoint.authority().get().toFile();
      requireCertificate(authority);
      credentials = TlsChannelCredentials.newBuilder().trustManager(authority).build();
    }
    var channel =
        Grpc.newChannelBuilderForAddress(endpoint.host(), endpoint.port(), credentials)
            .maxInboundMessageSize(ANSWER_BYTES_MAX)
            .keepAliveTime(45, TimeUnit.SECONDS)
            .build();
    return new NodeClient(endpoint, channel);
  }

  private static void requireCertificate(File file) throws IOException {
    try (var in = new FileInputStream(file)) {
      if (!CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
        return;
      }
    } catch (CertificateException foreign) {
      throw new IOException(file + " holds no certificate", foreign);
    }
    throw new IOException(file + " holds no certificate");
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  public ApplyResponse apply(ApplyRequest request) throws ClientException {
    return call(stub -> stub.apply(request));
  }

  public ReadResponse read(ReadRequest request) throws ClientException {
    return call(stub -> stub.read(request));
  }

  public ScanResponse scan(ScanRequest request) throws ClientException {
    return call(stub -> stub.scan(request));
  }

  public StatusResponse status(Duration patience) throws ClientException {
    return call(patience, stub -> stub.status(StatusRequest.getDefaultInstance()));
  }

  public void createSpace(String name) throws ClientException {
    var request = CreateSpaceRequest.newBuilder().setName(name).build();
    call(stub -> stub.createSpace(request));
  }

  public void createSpace(CreateSpaceRequest request) throws ClientException {
    call(stub -> stub.createSpace(request));
  }

  public void setSpace(SetSpaceRequest request) throws ClientException {
    call(stub -> stub.setSpace(request));
  }

  public DropSpaceResponse dropSpace(DropSpaceRequest request) throws ClientException {
    return call(stub -> stub.dropSpace(request));
  }

  public ListSpacesResponse spaces() throws ClientException {
    return call(stub -> stub.listSpaces(ListSpacesRequest.getDefaultInstance()));
  }

  /// A code by which a browser signs in, once.
  public String signInCode() throws ClientException {
    return call(stub -> stub.createSignInCode(CreateSignInCodeRequest.getDefaultInstance()))
        .getCode();
  }

  /// Is given the parts of a watch.
  @FunctionalInterface
  public interface Watching {
    /// @return whether to go on
    boolean part(WatchResponse part);
  }

  /// Watches until it is told to stop, or the watch ends.
  public void watch(WatchRequest request, Watching watching) throws ClientException {
    var call = StarlingGrpc.newBlockingV2Stub(channel).withCallCredentials(bearer).watch(request);
    try {
      for (var part = call.read(); part != null; part = call.read()) {
        if (!watching.part(part)) {
          call.cancel("seen enough", null);
          return;
        }
      }
    } catch (StatusException failed) {
      throw ClientException.of(endpoint, failed);
    } catch (InterruptedException stopped) {
      call.cancel("interrupted", stopped);
      Thread.currentThread().interrupt();
    }
  }

  /// Opens a stream of transactions as gRPC has it; [TransactionStream] is what most want.
  StreamObserver<ApplyStreamRequest> applyStream(StreamObserver<ApplyStreamResponse> answers) {
    return StarlingGrpc.newStub(channel).withCallCredentials(bearer).applyStream(answers);
  }

  @FunctionalInterface
  private interface Call<R> {
    R on(StarlingGrpc.StarlingBlockingStub stub);
  }

  private <R> R call(Call<R> call) throws ClientException {
    return call(CALL_MAX, call);
  }

  private <R> R call(Duration patience, Call<R> call) throws ClientException {
    var stub =
        StarlingGrpc.newBlockingStub(channel)
            .withCallCredentials(bearer)
            .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return call.on(stub);
    } catch (StatusRuntimeException failed) {
      throw ClientException.of(endpoint, failed);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /// Sends the bearer token with each call.
  private static final class Bearer extends CallCredentials {

    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Metadata metadata = new Metadata();

    Bearer(String token) {
      metadata.put(AUTHORIZATION, "Bearer " + token);
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
      applier.apply(metadata);
    }
  }
}
