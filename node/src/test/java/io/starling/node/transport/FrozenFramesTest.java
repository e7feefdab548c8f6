package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.proto.peer.v1.Echo;
import io.starling.proto.peer.v1.Frame;
import io.starling.proto.peer.v1.Hello;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.batch.Transaction;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Frames between peers as they were released: nodes of that version are still there.
final class FrozenFramesTest {

  private static final SpaceId SPACE = new SpaceId(1, 2);
  private static final ReplicaId ONE = new ReplicaId(new KeyFingerprint(3, 4), 5);
  private static final byte[] SIGNATURE = new byte[SignedBatch.SIGNATURE_BYTES];

  @Test
  void everyFrameIsTheBytesThatWereReleased() throws IOException {
    assertThat(text(frames())).isEqualTo(released());
  }

  @Test
  void fieldsAndKindsThatThisVersionDoesNotKnowHarmNothing() throws InvalidProtocolBufferException {
    // A field 99 behind the known ones of each frame; and a frame of a kind 98 alone.
    var unknown = ByteString.fromHex("9a0603010203");
    for (var frame : frames().values()) {
      var again = Frame.parseFrom(ByteString.copyFrom(frame).concat(unknown));
      var known = Frame.parseFrom(frame);
      assertThat(FrameKind.of(again))
          .isEqualTo(FrameKind.of(known))
          .isNotEqualTo(FrameKind.UNKNOWN);
      assertThat(again.getUnknownFields().asMap()).containsKey(99);
    }
    assertThat(FrameKind.of(Frame.parseFrom(ByteString.fromHex("92060101"))))
        .isEqualTo(FrameKind.UNKNOWN);
  }

  private static SortedMap<String, byte[]> frames() {
    var token = new Token(SPACE, List.of(new Token.Prefix(ONE, 300, -1)));
    var half = batch("a");
    var proof = ForkProof.of(half, batch("b")).orElseThrow();
    var held = new TreeSet<>(List.of(proof.place()));
    var messages = new TreeMap<String, Message>();
    for (var part : Message.Part.values()) {
      messages.put("batches-" + part, new Message.Batches(SPACE, List.of(half), part));
    }
    messages.put("beacon", new Message.Announcement(beacon()));
    messages.put("pull", new Message.Pull(SPACE, token));
    messages.put("behind", new Message.Behind(SPACE, ONE, 300));
    messages.put("ask", new Message.Ask(SPACE, token));
    messages.put("acknowledgement", new Message.Acknowledged(acknowledgement(token)));
    messages.put("transfer", new Message.Transferred(SPACE, -1, new Transfer.Get(300)));
    messages.put(
        "evidence", new Message.Evidence(SPACE, List.of(proof.one(), proof.other()), held, false));
    messages.put("evidence-answer", new Message.Evidence(SPACE, List.of(), held, true));
    var frames = new TreeMap<String, byte[]>();
    messages.forEach((name, message) ->
        frames.put(name, FrameEncoding.encode(message).getFirst().frame().toByteArray()));
    frames.put("echo", echo().toByteArray());
    frames.put("hello", hello().toByteArray());
    return frames;
  }

  private static Frame echo() {
    return Frame.newBuilder().setEcho(Echo.newBuilder().setMark(-1).setAnswer(true)).build();
  }

  private static Frame hello() {
    var hello = Hello.newBuilder().setVersionMin(1).setVersionMax(1);
    hello
        .setCluster(ByteString.copyFrom(new byte[16]))
        .setProcess(ByteString.copyFrom(new byte[8]));
    hello
        .addCertificates(ByteString.copyFromUtf8("DER"))
        .addWanted(ByteString.copyFrom(new byte[16]));
    return Frame.newBuilder().setHello(hello).build();
  }

  private static SignedBatch batch(String flag) {
    var transaction =
        new Transaction("ada", Narrowing.WHOLE, List.of(new Operation.Enable(Path.of(flag))));
    var batch =
        new Batch(
            SPACE,
            ONE,
            1,
            ChainHash.ROOT,
            ContextDifference.NONE,
            new HybridTime(1L << 16),
            List.of(),
            List.of(transaction));
    byte[] body = BatchEncoding.encode(batch);
    return new SignedBatch(batch, ChainHash.of(body), body, SIGNATURE);
  }

  private static SignedBeacon beacon() {
    var beacon =
        new Beacon(
            SPACE,
            ONE,
            new Beacon.OwnHead(0, ChainHash.ROOT),
            List.of(),
            new CellDigest(1, 2),
            new CellDigest(3, 4),
            5,
            new HybridTime(1L << 16),
            6);
    return new SignedBeacon(beacon, beacon.toBytes(), SIGNATURE);
  }

  private static SignedAcknowledgement acknowledgement(Token token) {
    var statement = new Acknowledgement(SPACE, ONE, Acknowledgement.hash(token), 7);
    return new SignedAcknowledgement(statement, statement.toBytes(), SIGNATURE);
  }

  private static String text(SortedMap<String, byte[]> frames) {
    var text = new StringBuilder();
    frames.forEach((name, bytes) ->
        text.append(name).append(' ').append(HexFormat.of().formatHex(bytes)).append('\n'));
    return text.toString();
  }

  private static String released() throws IOException {
    try (var in =
        Objects.requireNonNull(FrozenFramesTest.class.getResourceAsStream("/vectors/frames.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line + "\n")
          .reduce("", String::concat);
    }
  }
}
