package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.peer.Admission;
import io.starling.node.transport.Flock.Bird;
import io.starling.node.transport.PeerStream.Side;
import io.starling.proto.peer.v1.Frame;
import io.starling.replica.message.Message;
import io.starling.replica.message.Message.Part;
import io.starling.replica.message.Token;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Frames of a member that sends what it likes: nothing of it ends a thread, and nothing unsigned
/// gets through.
final class IntakeFuzzTest {

  private static final int FRAMES = 20_000;
  private static final TransportLimits PATIENT =
      new TransportLimits(
          8,
          TransportLimits.Queue.DEFAULT,
          TransportLimits.Timing.DEFAULT,
          new TransportLimits.Faults(
              FRAMES, Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofSeconds(1)));

  @TempDir private Path root;

  private final Logger faults = (Logger) LoggerFactory.getLogger(Link.class);

  @BeforeEach
  void hushFaults() {
    faults.setLevel(Level.OFF);
  }

  @AfterEach
  void tellFaults() {
    faults.setLevel(null);
  }

  @Test
  void damagedFramesAreRefusedOrPassedOver() throws Exception {
    try (var flock = new Flock(root, "flock")) {
      var alpha = flock.join("alpha");
      var beta = flock.join("beta");
      var conversation = conversation(alpha, beta.identity.certificate());
      var frames = valid(beta);
      frames.forEach(conversation::take);
      int good = alpha.inbox.messages().size();
      assertThat(good).isEqualTo(frames.size() - 1);
      long seed = new SplittableRandom().nextLong();
      var random = new SplittableRandom(seed);
      for (int i = 0; i < FRAMES; i++) {
        damaged(frames.get(random.nextInt(frames.size())), random, conversation, seed);
      }
      var bodies = alpha.inbox.batches().stream().map(batch -> batch.hash()).distinct();
      assertThat(bodies).as("seed " + seed).hasSize(1);
    }
  }

  private static void damaged(
      Frame frame, SplittableRandom random, Conversation conversation, long seed) {
    var bytes = frame.toByteArray();
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    try {
      conversation.take(Frame.parseFrom(bytes));
    } catch (InvalidProtocolBufferException refused) {
      assertThat(refused).as("what gRPC refuses before us").isNotNull();
    } catch (RuntimeException crashed) {
      throw new AssertionError("seed " + seed + " frame " + frame.getKindCase(), crashed);
    }
  }

  private static List<Frame> valid(Bird beta) throws Exception {
    var hello = new Greeting(beta.identity.cluster(), beta.roster).first(beta.roster.all());
    var frames = new ArrayList<>(hello);
    var batches = new Message.Batches(beta.main, List.of(beta.write(20)), Part.LAST);
    frames.addAll(FrameEncoding.encode(batches));
    var token = new Token(beta.main, List.of());
    frames.addAll(FrameEncoding.encode(new Message.Pull(beta.main, token)));
    var replica = batches.batches().getFirst().batch().replica();
    frames.addAll(FrameEncoding.encode(new Message.Behind(beta.main, replica, 3)));
    return frames.stream().map(Outgoing::frame).toList();
  }

  private static Conversation conversation(Bird alpha, NodeCertificate peer) {
    var setup =
        new PeerTransport.Setup(
            new InetSocketAddress(0),
            List.of(),
            alpha.identity,
            alpha.roster,
            (space, kind, message) -> {},
            PATIENT,
            InstantSource.system());
    var board =
        new Switchboard(
            setup,
            alpha.inbox,
            new Refusals(),
            new Switchboard.Wiring(Admission.EVERYBODY, _ -> {}, _ -> {}));
    return board.begin(new PeerStream(Side.ACCEPTED, "fuzz", new NoNetwork()), peer).orElseThrow();
  }

  /// Takes everything and does nothing.
  private static final class NoNetwork extends ServerCallStreamObserver<Frame> {

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void onNext(Frame frame) {}

    @Override
    public void onError(Throwable cause) {
      throw new AssertionError("closed: " + Status.fromThrowable(cause) + new Metadata(), cause);
    }

    @Override
    public void onCompleted() {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}
  }
}
