package io.starling.node.transport;

import io.starling.proto.peer.v1.Frame;

/// A frame that waits to be sent.
///
/// @param isAnswer whether it carries batches, or a part of a state, that the peer has asked for
record Outgoing(Frame frame, FrameKind kind, boolean isAnswer) {

  Outgoing(Frame frame) {
    this(frame, FrameKind.of(frame), false);
  }

  int bytes() {
    return frame.getSerializedSize();
  }
}
