package io.starling.node.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.proto.peer.v1.Acknowledgement;
import io.starling.proto.peer.v1.Ask;
import io.starling.proto.peer.v1.Batches;
import io.starling.proto.peer.v1.Beacon;
import io.starling.proto.peer.v1.Behind;
import io.starling.proto.peer.v1.Dismissal;
import io.starling.proto.peer.v1.Evidence;
import io.starling.proto.peer.v1.Frame;
import io.starling.proto.peer.v1.Part;
import io.starling.proto.peer.v1.Pull;
import io.starling.proto.peer.v1.Transfer;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.fork.Forks;
import io.starling.replica.message.Message;
import io.starling.replica.message.TransferEncoding;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// The engine's messages as frames. Bodies are carried as they are, without a copy.
final class FrameEncoding {

  /// What a frame holds beside the batches, and each batch beside its bytes, at most.
  private static final int FRAME_OVERHEAD = 64;

  private static final int BATCH_OVERHEAD = 16;

  /// Of a long answer goes into one frame what still comes within a second over a thin link, and at
  /// least one batch: the asker is to see that it is coming.
  private static final int PIECE_BYTES = 64 * 1024;

  private static final int PLACE_BYTES = ReplicaId.BYTES + Long.BYTES;

  private FrameEncoding() {}

  /// One frame, or several where the batches of a message do not fit one.
  static List<Outgoing> encode(Message message) {
    return frames(message).stream().map(frame -> frame.of(message.space())).toList();
  }

  private static List<Outgoing> frames(Message message) {
    return switch (message) {
      case Message.Batches batches -> batches(batches);
      case Message.Announcement(var beacon) -> {
        var content = Beacon.newBuilder().setBody(wrap(beacon.body()));
        content.setSignature(wrap(beacon.signature()));
        yield List.of(new Outgoing(Frame.newBuilder().setBeacon(content).build()));
      }
      case Message.Pull(var space, var have) -> {
        var content = Pull.newBuilder().setSpace(space(space)).setToken(wrap(have.toBytes()));
        yield List.of(new Outgoing(Frame.newBuilder().setPull(content).build()));
      }
      case Message.Behind(var space, var replica, var first) -> {
        var content = Behind.newBuilder().setSpace(space(space)).setFirst(first);
        content.setReplica(wrap(new Encoder().replica(replica).toBytes()));
        yield List.of(new Outgoing(Frame.newBuilder().setBehind(content).build()));
      }
      case Message.Ask(var space, var token) -> {
        var content = Ask.newBuilder().setSpace(space(space)).setToken(wrap(token.toBytes()));
        yield List.of(new Outgoing(Frame.newBuilder().setAsk(content).build()));
      }
      case Message.Transferred(var space, long session, var transfer) -> {
        var content = Transfer.newBuilder().setSpace(space(space)).setSession(session);
        content.setBody(wrap(TransferEncoding.encode(transfer)));
        var frame = Frame.newBuilder().setTransfer(content).build();
        yield List.of(new Outgoing(frame, FrameKind.TRANSFER, true));
      }
      case Message.Evidence evidence -> evidence(evidence);
      case Message.Acknowledged(var signed) -> {
        var content = Acknowledgement.newBuilder().setBody(wrap(signed.body()));
        content.setSignature(wrap(signed.signature()));
        yield List.of(new Outgoing(Frame.newBuilder().setAcknowledgement(content).build()));
      }
    };
  }

  /// The pieces of a long answer before its last one claim nothing: were the last one lost, an
  /// earlier one must not pass for the end.
  private static List<Outgoing> batches(Message.Batches message) {
    var frames = new ArrayList<Outgoing>();
    var piece = Batches.newBuilder().setSpace(space(message.space()));
    boolean isAnswer = message.part() != Message.Part.FRESH;
    int bytes = FRAME_OVERHEAD;
    for (var batch : message.batches()) {
      int more = batch.bytes() + BATCH_OVERHEAD;
      if (piece.getBatchesCount() > 0 && bytes + more > PIECE_BYTES) {
        frames.add(outgoing(piece.setPart(Part.PART_FRESH), isAnswer));
        piece.clearBatches();
        bytes = FRAME_OVERHEAD;
      }
      piece.addBatches(batch(batch));
      bytes += more;
    }
    frames.add(outgoing(piece.setPart(part(message.part())), isAnswer));
    return frames;
  }

  /// Halves that do not fit one frame go one by one; the first claims to be an answer, so that the
  /// two are answered once.
  private static List<Outgoing> evidence(Message.Evidence message) {
    var frames = new ArrayList<Outgoing>();
    var piece = Evidence.newBuilder().setSpace(space(message.space()));
    int bytes = FRAME_OVERHEAD + message.held().size() * (PLACE_BYTES + Long.BYTES);
    message.held().forEach(place -> piece.addHeld(place(place)));
    for (var half : message.halves()) {
      int more = half.bytes() + BATCH_OVERHEAD;
      if (piece.getHalvesCount() > 0 && bytes + more > TransportLimits.FRAME_BYTES_MAX) {
        frames.add(new Outgoing(Frame.newBuilder().setEvidence(piece.setAnswer(true)).build()));
        piece.clearHalves();
      }
      piece.addHalves(batch(half));
      bytes += more;
    }
    piece.setAnswer(message.isAnswer());
    frames.add(new Outgoing(Frame.newBuilder().setEvidence(piece).build()));
    return frames;
  }

  /// Tells a peer that it is evicted.
  static Outgoing dismissal(byte[] statement) {
    var dismissal = Dismissal.newBuilder().setStatement(wrap(statement));
    return new Outgoing(Frame.newBuilder().setDismissal(dismissal).build());
  }

  private static ByteString place(ForkProof.Place place) {
    return wrap(new Encoder(PLACE_BYTES).replica(place.replica()).u64(place.seq()).toBytes());
  }

  /// The places that a frame names.
  static SortedSet<ForkProof.Place> places(SpaceId space, List<ByteString> held)
      throws MalformedException {
    if (held.size() > Forks.PROOFS_MAX) {
      throw new MalformedException(held.size() + " proofs; at most " + Forks.PROOFS_MAX);
    }
    var places = new TreeSet<ForkProof.Place>();
    for (var bytes : held) {
      var in = new Decoder(bytes.toByteArray());
      places.add(new ForkProof.Place(space, in.replica(), in.u64()));
      in.finish();
    }
    return places;
  }

  private static Outgoing outgoing(Batches.Builder batches, boolean isAnswer) {
    var frame = Frame.newBuilder().setBatches(batches.build()).build();
    return new Outgoing(frame, FrameKind.BATCHES, isAnswer);
  }

  private static io.starling.proto.peer.v1.SignedBatch batch(SignedBatch batch) {
    return io.starling.proto.peer.v1.SignedBatch.newBuilder()
        .setBody(wrap(batch.body()))
        .setSignature(wrap(batch.signature()))
        .build();
  }

  static ByteString space(SpaceId space) {
    return wrap(new Encoder().u64(space.high()).u64(space.low()).toBytes());
  }

  static SpaceId space(ByteString bytes) throws MalformedException {
    if (bytes.size() != SpaceId.BYTES) {
      throw new MalformedException("a space id of " + bytes.size() + " bytes");
    }
    ByteBuffer in = bytes.asReadOnlyByteBuffer();
    return new SpaceId(in.getLong(), in.getLong());
  }

  private static Part part(Message.Part part) {
    return switch (part) {
      case FRESH -> Part.PART_FRESH;
      case MORE -> Part.PART_MORE;
      case LAST -> Part.PART_LAST;
    };
  }

  /// The claim of a frame; what is not known is no claim.
  static Message.Part part(Part part) {
    return switch (part) {
      case PART_MORE -> Message.Part.MORE;
      case PART_LAST -> Message.Part.LAST;
      case PART_FRESH, PART_UNSPECIFIED, UNRECOGNIZED -> Message.Part.FRESH;
    };
  }

  static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
