package io.starling.simulation.network;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.fork.Forks;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import io.starling.replica.message.TransferEncoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.zip.CRC32C;

/// Messages as bytes. The frame around them is the simulator's own (production uses protobuf); what
/// is signed inside, and tokens, are production's bytes.
///
/// Reading verifies as the production transport does: what comes out may go to the engine.
public final class WireForm {

  private static final int BATCHES = 1;
  private static final int ANNOUNCEMENT = 2;
  private static final int PULL = 3;
  private static final int BEHIND = 4;
  private static final int ASK = 5;
  private static final int ACKNOWLEDGED = 6;
  private static final int TRANSFERRED = 7;
  private static final int EVIDENCE = 8;

  private static final int BATCHES_MAX = 65_536;

  private final ClusterId cluster;
  private final Keyring keys;
  private Predicate<SignedBatch> verifier = this::isGenuine;

  public WireForm(ClusterId cluster, Keyring keys) {
    this.cluster = cluster;
    this.keys = keys;
  }

  /// The bytes of a message.
  public byte[] encode(Message message) {
    var out = new Encoder(512).u64(message.space().high()).u64(message.space().low());
    switch (message) {
      case Message.Batches(_, var batches, var part) -> {
        out.u8(BATCHES).u8(part.ordinal()).varint(batches.size());
        batches.forEach(batch -> out.bytes(batch.body()).raw(batch.signature()));
      }
      case Message.Announcement(var beacon) ->
          out.u8(ANNOUNCEMENT).bytes(beacon.body()).raw(beacon.signature());
      case Message.Pull(_, var have) -> unsigned(out.u8(PULL).bytes(have.toBytes()));
      case Message.Behind(_, var replica, long first) ->
          unsigned(out.u8(BEHIND).replica(replica).varint(first));
      case Message.Ask(_, var token) -> unsigned(out.u8(ASK).bytes(token.toBytes()));
      case Message.Transferred(_, long session, var transfer) ->
          unsigned(out.u8(TRANSFERRED).u64(session).bytes(TransferEncoding.encode(transfer)));
      case Message.Evidence(_, var halves, var held, boolean isAnswer) -> {
        out.u8(EVIDENCE).u8(isAnswer ? 1 : 0).varint(halves.size());
        halves.forEach(half -> out.bytes(half.body()).raw(half.signature()));
        out.varint(held.size());
        held.forEach(place -> out.replica(place.replica()).varint(place.seq()));
        unsigned(out);
      }
      case Message.Acknowledged(var signed) ->
          out.u8(ACKNOWLEDGED).bytes(signed.body()).raw(signed.signature());
    }
    return out.toBytes();
  }

  /// Reads and verifies what [#encode] gave.
  ///
  /// @throws MalformedException if anything is not as an honest sender writes it
  public Message decode(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    var space = new SpaceId(in.u64(), in.u64());
    int tag = in.u8();
    if (endsWithSum(tag)) {
      in = unspoiled(bytes, in.position());
    }
    Message message =
        switch (tag) {
          case BATCHES -> batches(in, space);
          case ANNOUNCEMENT -> announcement(in, space);
          case PULL -> new Message.Pull(space, Token.fromBytes(in.bytes()));
          case BEHIND -> new Message.Behind(space, in.replica(), in.seq());
          case ASK -> new Message.Ask(space, Token.fromBytes(in.bytes()));
          case ACKNOWLEDGED -> acknowledged(in, space);
          case EVIDENCE -> evidence(in, space);
          case TRANSFERRED ->
              new Message.Transferred(space, in.u64(), TransferEncoding.decode(in.bytes()));
          default -> throw new MalformedException("unknown message " + tag);
        };
    in.finish();
    return message.read();
  }

  /// Ends a message that carries no signature: where TLS would notice a change, this sum does.
  private static void unsigned(Encoder out) {
    byte[] bytes = out.toBytes();
    out.u64(sum(bytes, bytes.length));
  }

  /// A frame with the sum that its bytes have, if its kind ends with one: as who holds a connection
  /// can make it, whatever is in it.
  public byte[] summed(byte[] frame) {
    int tagAt = 2 * Long.BYTES;
    if (frame.length <= tagAt + Long.BYTES || !endsWithSum(frame[tagAt])) {
      return frame;
    }
    var body = Arrays.copyOf(frame, frame.length - Long.BYTES);
    var out = new Encoder(frame.length).raw(body);
    unsigned(out);
    return out.toBytes();
  }

  /// Whether a frame says that a log does not reach back, so that state is to be taken over.
  public static boolean isBehind(byte[] frame) {
    return frame.length > 2 * Long.BYTES && frame[2 * Long.BYTES] == BEHIND;
  }

  private static boolean endsWithSum(int tag) {
    return tag == PULL || tag == BEHIND || tag == ASK || tag == TRANSFERRED || tag == EVIDENCE;
  }

  private static Decoder unspoiled(byte[] bytes, int from) throws MalformedException {
    int end = bytes.length - Long.BYTES;
    if (end < from || new Decoder(bytes, end, Long.BYTES).u64() != sum(bytes, end)) {
      throw new MalformedException("a frame that was changed under way");
    }
    return new Decoder(bytes, from, end - from);
  }

  private static long sum(byte[] bytes, int length) {
    var crc = new CRC32C();
    crc.update(bytes, 0, length);
    return crc.getValue();
  }

  private Message batches(Decoder in, SpaceId space) throws MalformedException {
    int part = in.u8();
    if (part >= Message.Part.values().length) {
      throw new MalformedException("unknown part " + part);
    }
    int count = in.count(BATCHES_MAX, "batches");
    var batches = new ArrayList<SignedBatch>();
    for (int i = 0; i < count; i++) {
      batches.add(batch(in, space));
    }
    return new Message.Batches(space, batches, Message.Part.values()[part]);
  }

  private Message evidence(Decoder in, SpaceId space) throws MalformedException {
    boolean isAnswer = in.u8() == 1;
    int count = in.count(Message.Evidence.HALVES_MAX, "halves");
    var halves = new ArrayList<SignedBatch>();
    for (int i = 0; i < count; i++) {
      halves.add(batch(in, space));
    }
    int places = in.count(Forks.PROOFS_MAX, "proofs");
    var held = new TreeSet<ForkProof.Place>();
    for (int i = 0; i < places; i++) {
      held.add(new ForkProof.Place(space, in.replica(), in.seq()));
    }
    return new Message.Evidence(space, halves, held, isAnswer);
  }

  private SignedBatch batch(Decoder in, SpaceId space) throws MalformedException {
    byte[] body = in.bytes();
    byte[] signature = in.raw(SignedBatch.SIGNATURE_BYTES);
    var batch =
        switch (BatchEncoding.decode(body)) {
          case BatchEncoding.Decoded.Read(var read) -> read;
          case BatchEncoding.Decoded.Newer(int format) ->
              throw new MalformedException("a batch of format " + format);
          case BatchEncoding.Decoded.Malformed(var reason) -> throw new MalformedException(reason);
        };
    var signed = new SignedBatch(batch, ChainHash.of(body), body, signature);
    if (!batch.space().equals(space) || !verifier.test(signed)) {
      throw new MalformedException("a batch that its author did not sign");
    }
    return signed;
  }

  /// Says which batches are taken for signed, if not by [#isGenuine]: bugs in that are planted
  /// here.
  public void verifyBy(Predicate<SignedBatch> otherVerifier) {
    verifier = otherVerifier;
  }

  /// Whether a batch was signed by whom it names.
  public boolean isGenuine(SignedBatch signed) {
    var batch = signed.batch();
    return keys.verify(
        batch.replica().key(),
        SigningDomain.batch(cluster, batch.space(), signed.body()),
        signed.signature());
  }

  private Message acknowledged(Decoder in, SpaceId space) throws MalformedException {
    byte[] body = in.bytes();
    byte[] signature = in.raw(SignedBatch.SIGNATURE_BYTES);
    var statement = Acknowledgement.fromBytes(body);
    var domain = SigningDomain.acknowledgement(cluster, space, body);
    boolean signed =
        statement.space().equals(space) && keys.verify(statement.author().key(), domain, signature);
    if (!signed) {
      throw new MalformedException("an acknowledgement that its author did not sign");
    }
    return new Message.Acknowledged(new SignedAcknowledgement(statement, body, signature));
  }

  private Message announcement(Decoder in, SpaceId space) throws MalformedException {
    byte[] body = in.bytes();
    byte[] signature = in.raw(SignedBatch.SIGNATURE_BYTES);
    var beacon = Beacon.fromBytes(body);
    boolean signed =
        beacon.space().equals(space)
            && keys.verify(
                beacon.author().key(), SigningDomain.beacon(cluster, space, body), signature);
    if (!signed) {
      throw new MalformedException("a beacon that its author did not sign");
    }
    return new Message.Announcement(new SignedBeacon(beacon, body, signature));
  }
}
