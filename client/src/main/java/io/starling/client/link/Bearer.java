package io.starling.client.link;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// Sends with each call the bearer token that the supplier gives at that moment.
final class Bearer extends CallCredentials {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Supplier<String> token;

  Bearer(Supplier<String> token) {
    this.token = token;
  }

  @Override
  public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
    executor.execute(() -> {
      try {
        var metadata = new Metadata();
        metadata.put(AUTHORIZATION, "Bearer " + token.get().strip());
        applier.apply(metadata);
      } catch (RuntimeException failed) {
        var why = "the supplier of bearer tokens failed: " + failed.getMessage();
        applier.fail(Status.UNAUTHENTICATED.withDescription(why).withCause(failed));
      }
    });
  }
}
