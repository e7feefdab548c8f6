package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.CallStreamObserver;
import io.starling.node.transport.Flock.Bird;
import io.starling.node.transport.PeerStream.Side;
import io.starling.proto.peer.v1.Frame;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import io.starling.replica.message.Message.Part;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// By which of several streams frames leave.
final class LinkTest {

  @TempDir private Path root;
  private Flock flock;
  private Bird alpha;
  private Link link;

  @BeforeEach
  void join() throws Exception {
    flock = new Flock(root, "flock");
    alpha = flock.join("alpha");
    var beta = flock.join("beta").identity.certificate();
    link = new Link(beta, alpha.inbox, Flock.QUICK, InstantSource.system());
  }

  @AfterEach
  void close() {
    flock.close();
  }

  @Test
  void aLongAnswerStaysOnTheStreamOnWhichItBegan() {
    var first = new Network();
    var second = new Network();
    first.room = 2;
    assertThat(link.attach(first.stream(Side.ACCEPTED, "one"))).isTrue();
    link.send(answer(5));
    assertThat(first.frames).hasSize(2);
    assertThat(link.attach(second.stream(Side.DIALLED, "one"))).isTrue();
    second.room = 9;
    link.drain();
    assertThat(second.frames).isEmpty();
    first.room = 9;
    link.drain();
    assertThat(first.frames).hasSize(5);
    link.send(answer(1));
    assertThat(second.frames).as("for nothing else competes there").hasSize(1);
  }

  @Test
  void whatIsLeftOfAnAnswerGoesToTheProcessThatWasStartedAgain() {
    var first = new Network();
    var second = new Network();
    first.room = 2;
    second.room = 9;
    assertThat(link.attach(first.stream(Side.ACCEPTED, "one"))).isTrue();
    link.send(answer(5));
    assertThat(link.attach(second.stream(Side.ACCEPTED, "other"))).isTrue();
    link.drain();
    assertThat(first.frames).hasSize(2);
    assertThat(second.frames).hasSize(3);
  }

  @Test
  void whatIsLeftOfAnAnswerGoesByTheOtherStreamWhenItsOwnIsLost() {
    var first = new Network();
    var second = new Network();
    first.room = 2;
    second.room = 9;
    var lost = first.stream(Side.ACCEPTED, "one");
    assertThat(link.attach(lost)).isTrue();
    link.send(answer(5));
    assertThat(link.attach(second.stream(Side.DIALLED, "one"))).isTrue();
    link.detach(lost);
    link.drain();
    assertThat(second.frames).hasSize(3);
  }

  /// Of so many frames.
  private List<Outgoing> answer(int frames) {
    var batches = new ArrayList<SignedBatch>();
    for (int i = 0; i < frames; i++) {
      batches.add(alpha.write(40_000));
    }
    return FrameEncoding.encode(new Message.Batches(alpha.main, batches, Part.LAST));
  }

  /// Takes as many frames as there is room for.
  private static final class Network extends CallStreamObserver<Frame> {

    private final List<Frame> frames = new ArrayList<>();
    private int room;

    PeerStream stream(Side side, String process) {
      var stream = new PeerStream(side, "somewhere", this);
      stream.greeted(ByteString.copyFromUtf8(process));
      return stream;
    }

    @Override
    public boolean isReady() {
      return frames.size() < room;
    }

    @Override
    public void onNext(Frame frame) {
      frames.add(frame);
    }

    @Override
    public void onError(Throwable cause) {
      room = 0;
    }

    @Override
    public void onCompleted() {
      room = 0;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      throw new UnsupportedOperationException("a link waits to be told");
    }

    @Override
    public void disableAutoInboundFlowControl() {
      throw new UnsupportedOperationException("a link takes nothing in");
    }

    @Override
    public void request(int count) {
      throw new UnsupportedOperationException("a link takes nothing in");
    }

    @Override
    public void setMessageCompression(boolean enable) {
      throw new UnsupportedOperationException("frames are sent as they are");
    }
  }
}
