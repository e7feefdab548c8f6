package io.starling.node.transport;

import io.starling.proto.peer.v1.Frame;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// The counters of one peer. Safe to use from any thread.
final class PeerCounters {

  final LongAdder unsent = new LongAdder();
  final LongAdder invalid = new LongAdder();
  final LongAdder unknownOrigin = new LongAdder();
  final LongAdder unknownSpace = new LongAdder();
  final LongAdder newerFormat = new LongAdder();
  final LongAdder notTaken = new LongAdder();
  final LongAdder signatures = new LongAdder();
  final LongAdder verifyNanos = new LongAdder();

  private final Flows in = new Flows();
  private final Flows out = new Flows();

  final LongAdder batchesIn = new LongAdder();
  final LongAdder batchesOut = new LongAdder();

  void in(Frame frame) {
    in.add(FrameKind.of(frame), frame.getSerializedSize());
    batchesIn.add(frame.getBatches().getBatchesCount());
  }

  void out(Outgoing next) {
    out.add(next.kind(), next.bytes());
    batchesOut.add(next.frame().getBatches().getBatchesCount());
  }

  PeerTraffic.Batches batches() {
    return new PeerTraffic.Batches(batchesIn.sum(), batchesOut.sum());
  }

  Map<FrameKind, PeerTraffic.Flow> flowsIn() {
    return in.toMap();
  }

  Map<FrameKind, PeerTraffic.Flow> flowsOut() {
    return out.toMap();
  }

  PeerTraffic.Losses losses() {
    return new PeerTraffic.Losses(
        unsent.sum(),
        invalid.sum(),
        unknownOrigin.sum(),
        unknownSpace.sum(),
        newerFormat.sum(),
        notTaken.sum());
  }

  PeerTraffic.Verification verification() {
    return new PeerTraffic.Verification(signatures.sum(), Duration.ofNanos(verifyNanos.sum()));
  }

  private static final class Flows {

    private final LongAdder[] frames = adders();
    private final LongAdder[] bytes = adders();

    void add(FrameKind kind, int size) {
      frames[kind.ordinal()].increment();
      bytes[kind.ordinal()].add(size);
    }

    Map<FrameKind, PeerTraffic.Flow> toMap() {
      var flows = new EnumMap<FrameKind, PeerTraffic.Flow>(FrameKind.class);
      for (var kind : FrameKind.values()) {
        int at = kind.ordinal();
        flows.put(kind, new PeerTraffic.Flow(frames[at].sum(), bytes[at].sum()));
      }
      return flows;
    }

    private static LongAdder[] adders() {
      var adders = new LongAdder[FrameKind.values().length];
      Arrays.setAll(adders, at -> new LongAdder());
      return adders;
    }
  }
}
