package io.starling.client.link;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/// Whether anything of a call may have left for the node: what never had a connection was certainly
/// not done there.
final class Sending extends ClientStreamTracer.Factory {

  private volatile boolean hasBegun;

  boolean hasBegun() {
    return hasBegun;
  }

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo stream, Metadata headers) {
    return new ClientStreamTracer() {
      @Override
      public void streamCreated(Attributes transport, Metadata sent) {
        hasBegun = true;
      }
    };
  }
}
