package io.starling.node.api.grpc;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.starling.node.access.Access;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.SignInCodes;
import io.starling.node.memory.MemorySpaces;
import io.starling.replica.batch.ClusterId;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/// Bearer tokens for tests: the role's name is the token.
final class Tokens {

  static final String READER = "reader";
  static final String WRITER = "writer";
  static final String ADMIN = "admin";

  static final Access ACCESS =
      token -> Role.ofLabel(token).map(role -> new Principal("token:" + token, role));

  /// What a client sends with each call.
  static final class Bearer extends CallCredentials {

    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("Authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final String token;

    Bearer(String token) {
      this.token = token;
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
      var metadata = new Metadata();
      metadata.put(AUTHORIZATION, "Bearer " + token);
      applier.apply(metadata);
    }
  }

  private Tokens() {}

  /// What a server offers over spaces in memory.
  static GrpcApi.Offer offer(MemorySpaces spaces) {
    return new GrpcApi.Offer(
        new ClusterId(1, 1),
        spaces,
        ACCESS,
        new SignInCodes(InstantSource.system()),
        spaces,
        "test");
  }
}
