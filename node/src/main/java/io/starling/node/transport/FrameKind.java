package io.starling.node.transport;

import io.starling.proto.peer.v1.Frame;
import java.util.Locale;

/// The kinds of frames, for counting.
public enum FrameKind {
  HELLO,
  BATCHES,
  BEACON,
  PULL,
  BEHIND,
  ECHO,
  ASK,
  ACKNOWLEDGEMENT,
  TRANSFER,
  EVIDENCE,
  DISMISSAL,
  /// Of a newer version of the protocol.
  UNKNOWN;

  /// The name in metrics.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static FrameKind of(Frame frame) {
    return switch (frame.getKindCase()) {
      case HELLO -> HELLO;
      case BATCHES -> BATCHES;
      case BEACON -> BEACON;
      case PULL -> PULL;
      case BEHIND -> BEHIND;
      case ECHO -> ECHO;
      case ASK -> ASK;
      case ACKNOWLEDGEMENT -> ACKNOWLEDGEMENT;
      case TRANSFER -> TRANSFER;
      case EVIDENCE -> EVIDENCE;
      case DISMISSAL -> DISMISSAL;
      case KIND_NOT_SET -> UNKNOWN;
    };
  }
}
