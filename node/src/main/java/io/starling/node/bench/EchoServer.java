package io.starling.node.bench;

import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;
import io.starling.node.ServerKeys;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeIdentity;
import io.starling.proto.v1.Answer;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyResponse;
import io.starling.proto.v1.ApplyStreamRequest;
import io.starling.proto.v1.ApplyStreamResponse;
import io.starling.proto.v1.StarlingGrpc;
import java.io.IOException;
import java.nio.file.Path;

/// The control for gRPC: takes the same frames over the same TLS, does nothing with them, and
/// answers in the same form. Runs as a process of its own, as a node does.
public final class EchoServer {

  private static final ByteString TOKEN = ByteString.copyFrom(new byte[64]);

  private EchoServer() {}

  /// Prints its port once it listens, and stops when its input ends.
  ///
  /// @param args the identity directory of a node, whose certificate it shows
  public static void main(String[] args)
      throws IOException, InterruptedException, IdentityException {
    var identity = NodeIdentity.open(Path.of(args[0]));
    var credentials =
        TlsServerCredentials.newBuilder().keyManager(ServerKeys.of(identity.api())).build();
    var server =
        Grpc.newServerBuilderForPort(0, credentials).addService(new Echo()).build().start();
    System.out.println(server.getPort());
    while (System.in.read() >= 0) {
      // Whatever comes is no command.
    }
    server.shutdownNow().awaitTermination();
  }

  private static final class Echo extends StarlingGrpc.StarlingImplBase {
    @Override
    public void apply(ApplyRequest request, StreamObserver<ApplyResponse> responses) {
      responses.onNext(ApplyResponse.newBuilder().setToken(TOKEN).setOperations(1).build());
      responses.onCompleted();
    }

    @Override
    public StreamObserver<ApplyStreamRequest> applyStream(
        StreamObserver<ApplyStreamResponse> responses) {
      return new StreamObserver<>() {
        @Override
        public void onNext(ApplyStreamRequest frame) {
          var answers = ApplyStreamResponse.newBuilder().setToken(TOKEN);
          for (var submission : frame.getSubmissionsList()) {
            answers.addAnswers(Answer.newBuilder().setId(submission.getId()).setOperations(1));
          }
          responses.onNext(answers.build());
        }

        @Override
        public void onError(Throwable t) {
          // The client has gone; there is no one to tell.
        }

        @Override
        public void onCompleted() {
          responses.onCompleted();
        }
      };
    }
  }
}
