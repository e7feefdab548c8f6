package io.starling.node.transport;

import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ClientCallStreamObserver;
import io.starling.proto.peer.v1.Frame;

/// The sending half of one stream. Safe to use from any thread; never blocks.
final class PeerStream {

  /// Which end opened the stream.
  enum Side {
    /// This node.
    DIALLED,
    /// The peer.
    ACCEPTED
  }

  private final Side side;
  private final CallStreamObserver<Frame> out;
  private boolean isOpen = true;

  PeerStream(Side side, CallStreamObserver<Frame> out) {
    this.side = side;
    this.out = out;
  }

  Side side() {
    return side;
  }

  /// Whether neither end has closed it yet.
  synchronized boolean isOpen() {
    return isOpen;
  }

  /// Whether the network takes more at once.
  synchronized boolean isReady() {
    return isOpen && out.isReady();
  }

  /// Sends a frame; does nothing on a closed stream.
  synchronized void write(Frame frame) {
    if (isOpen) {
      out.onNext(frame);
    }
  }

  /// Closes the stream. The peer reads the status if this node has accepted the stream; of one that
  /// it dialled it only sees the end.
  synchronized void close(Status status) {
    if (!isOpen) {
      return;
    }
    isOpen = false;
    if (out instanceof ClientCallStreamObserver<Frame> call) {
      call.cancel(status.getDescription(), null);
    } else {
      out.onError(status.asRuntimeException());
    }
  }

  /// The other end, or the network, has closed the stream.
  synchronized void ended() {
    isOpen = false;
  }
}
