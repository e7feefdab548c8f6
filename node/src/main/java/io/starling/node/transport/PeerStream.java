package io.starling.node.transport;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ClientCallStreamObserver;
import io.starling.proto.peer.v1.Frame;
import java.util.Optional;

/// The sending half of one stream. Safe to use from any thread; never blocks.
final class PeerStream {

  /// Which end opened the stream.
  enum Side {
    /// This node.
    DIALLED,
    /// The peer.
    ACCEPTED
  }

  /// The process at the other end, by its Hello.
  ///
  /// @param id drawn by the process when it started
  /// @param nanos when the Hello was taken, by `System.nanoTime()`
  record Greeted(ByteString id, long nanos) {}

  private final Side side;
  private final String address;
  private final CallStreamObserver<Frame> out;
  private volatile Optional<Greeted> process = Optional.empty();
  private boolean isOpen = true;

  /// @param address of the other end, for people
  PeerStream(Side side, String address, CallStreamObserver<Frame> out) {
    this.side = side;
    this.address = address;
    this.out = out;
  }

  Side side() {
    return side;
  }

  String address() {
    return address;
  }

  void greeted(ByteString process) {
    this.process = Optional.of(new Greeted(process, System.nanoTime()));
  }

  /// Who is at the other end; empty before its Hello.
  Optional<Greeted> process() {
    return process;
  }

  /// Whether both streams are known to lead to one process.
  boolean isWithSameProcess(PeerStream other) {
    return process.map(Greeted::id).equals(other.process.map(Greeted::id));
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
