package io.starling.node.transport;

import io.starling.proto.peer.v1.Frame;
import io.starling.replica.batch.SpaceId;
import java.util.Optional;

/// A frame that waits to be sent.
///
/// @param space what it is about; empty for what concerns the link
/// @param isAnswer whether it carries batches, or a part of a state, that the peer has asked for
record Outgoing(Frame frame, FrameKind kind, boolean isAnswer, Optional<SpaceId> space) {

  Outgoing(Frame frame, FrameKind kind, boolean isAnswer) {
    this(frame, kind, isAnswer, Optional.empty());
  }

  Outgoing(Frame frame) {
    this(frame, FrameKind.of(frame), false);
  }

  /// The same, of a space.
  Outgoing of(SpaceId about) {
    return new Outgoing(frame, kind, isAnswer, Optional.of(about));
  }

  int bytes() {
    return frame.getSerializedSize();
  }
}
