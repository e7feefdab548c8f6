package io.starling.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyResponse;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.ReadResponse;
import io.starling.proto.v1.Reading;
import io.starling.proto.v1.ScanRequest;
import io.starling.proto.v1.ScanResponse;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A server on loopback that answers as it is told to, and remembers what it was asked.
final class FakeNode extends StarlingGrpc.StarlingImplBase implements AutoCloseable {

  final List<ApplyRequest> applies = new CopyOnWriteArrayList<>();
  final List<ReadRequest> reads = new CopyOnWriteArrayList<>();
  final List<ScanRequest> scans = new CopyOnWriteArrayList<>();
  final List<WatchRequest> watches = new CopyOnWriteArrayList<>();
  final List<String> bearers = new CopyOnWriteArrayList<>();

  /// How the next calls fail; when it is empty they succeed.
  final BlockingQueue<StatusException> failures = new LinkedBlockingQueue<>();

  /// How long a write takes.
  volatile Duration slowness = Duration.ZERO;

  /// What writes wait for.
  volatile CountDownLatch gate = new CountDownLatch(0);

  /// What is done with a watch.
  volatile Telling telling = (number, out) -> {};

  interface Telling {
    void tell(int number, ServerCallStreamObserver<WatchResponse> out);
  }

  private final String name;
  private final AtomicInteger cuts = new AtomicInteger();
  private final Server server;

  FakeNode(String name) throws IOException {
    this.name = name;
    this.server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .addService(this)
            .intercept(new Bearers())
            .build()
            .start();
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  static StatusException refusal(Status.Code code, String reason) {
    var why = ErrorInfo.newBuilder().setReason(reason).setDomain("starling").build();
    return StatusProto.toStatusException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage("refused: " + reason)
            .addDetails(Any.pack(why))
            .build());
  }

  /// As of a connection that breaks when the node has the request.
  static StatusException lost() {
    return Status.UNAVAILABLE.asException();
  }

  void fails(StatusException how, int times) {
    for (int i = 0; i < times; i++) {
      failures.add(how);
    }
  }

  private ByteString cut() {
    return ByteString.copyFromUtf8(name + cuts.incrementAndGet());
  }

  private <R> void answer(StreamObserver<R> out, R answer) {
    var failure = failures.poll();
    if (failure != null) {
      out.onError(failure);
    } else {
      out.onNext(answer);
      out.onCompleted();
    }
  }

  private static void passed(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void apply(ApplyRequest request, StreamObserver<ApplyResponse> out) {
    applies.add(request);
    passed(gate);
    LockSupport.parkNanos(slowness.toNanos());
    answer(out, ApplyResponse.newBuilder().setToken(cut()).setOperations(1).build());
  }

  @Override
  public void read(ReadRequest request, StreamObserver<ReadResponse> out) {
    reads.add(request);
    var answer = ReadResponse.newBuilder().setToken(cut());
    request.getQueriesList().forEach(it -> answer.addReadings(reading("\"" + name + "\"")));
    answer(out, answer.build());
  }

  @Override
  public void scan(ScanRequest request, StreamObserver<ScanResponse> out) {
    scans.add(request);
    int first = request.getAfter().isEmpty() ? 0 : Integer.parseInt(request.getAfter()) + 1;
    var answer = ScanResponse.newBuilder().setToken(cut()).setMore(first < 4);
    for (int i = first; i < first + 2; i++) {
      answer.addEntries(Entry.newBuilder().setKey("" + i).setReading(reading("" + i)));
    }
    answer(out, answer.build());
  }

  static Reading reading(String json) {
    return Reading.newBuilder().setJson(json).build();
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> out) {
    watches.add(request);
    telling.tell(watches.size(), (ServerCallStreamObserver<WatchResponse>) out);
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  private final class Bearers implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      bearers.add(headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
      return next.startCall(call, headers);
    }
  }
}
