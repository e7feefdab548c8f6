package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.starling.proto.peer.v1.Batches;
import io.starling.proto.peer.v1.Beacon;
import io.starling.proto.peer.v1.Frame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutboxTest {

  private final Outbox outbox = new Outbox(new TransportLimits.Queue(1_000, 4, 2));

  @Test
  void smallFramesGoFirst() {
    outbox.offer(batches("a", false));
    outbox.offer(beacon("b"));
    assertThat(drain()).containsExactly("b", "a");
  }

  @Test
  void theOldestSmallFrameIsDropped() {
    assertThat(outbox.offer(beacon("1"))).isZero();
    assertThat(outbox.offer(beacon("2"))).isZero();
    assertThat(outbox.offer(beacon("3"))).isEqualTo(1);
    assertThat(drain()).containsExactly("2", "3");
  }

  @Test
  void pastAGapNothingFreshIsTakenUntilTheLaneIsEmpty() {
    for (var name : List.of("1", "2", "3", "4")) {
      assertThat(outbox.offer(batches(name, false))).isZero();
    }
    assertThat(outbox.offer(batches("5", false))).isEqualTo(1);
    assertThat(outbox.poll()).isPresent();
    assertThat(outbox.offer(batches("6", false))).as("there is room, but a gap").isEqualTo(1);
    assertThat(drain()).containsExactly("2", "3", "4");
    assertThat(outbox.offer(batches("7", false))).isZero();
    assertThat(drain()).containsExactly("7");
  }

  @Test
  void anAnswerTakesThePlaceOfFreshOnes() {
    outbox.offer(batches("old answer", true));
    for (var name : List.of("1", "2", "3")) {
      outbox.offer(batches(name, false));
    }
    assertThat(outbox.offer(batches("answer", true))).isEqualTo(3);
    assertThat(outbox.offer(batches("4", false))).isEqualTo(1);
    assertThat(drain()).containsExactly("old answer", "answer");
  }

  @Test
  void answersAreBoundedToo() {
    for (int i = 0; i < 4; i++) {
      assertThat(outbox.offer(batches("answer " + i, true))).isZero();
    }
    assertThat(outbox.offer(batches("one more", true))).isEqualTo(1);
    assertThat(outbox.frames()).isEqualTo(4);
  }

  @Test
  void bytesAreBounded() {
    var large = "x".repeat(600);
    assertThat(outbox.offer(batches(large, false))).isZero();
    assertThat(outbox.offer(batches(large, false))).isEqualTo(1);
    assertThat(outbox.bytes()).isLessThanOrEqualTo(1_000);
    assertThat(outbox.clear()).isEqualTo(1);
    assertThat(outbox.bytes()).isZero();
    assertThat(outbox.poll()).isEmpty();
  }

  private List<String> drain() {
    var names = new ArrayList<String>();
    for (var next = outbox.poll(); next.isPresent(); next = outbox.poll()) {
      var frame = next.get().frame();
      var name = frame.hasBeacon() ? frame.getBeacon().getBody() : frame.getBatches().getSpace();
      names.add(name.toStringUtf8());
    }
    return names;
  }

  private static Outgoing beacon(String name) {
    var beacon = Beacon.newBuilder().setBody(ByteString.copyFromUtf8(name));
    return new Outgoing(Frame.newBuilder().setBeacon(beacon).build());
  }

  private static Outgoing batches(String name, boolean isAnswer) {
    var batches = Batches.newBuilder().setSpace(ByteString.copyFromUtf8(name));
    var frame = Frame.newBuilder().setBatches(batches).build();
    return new Outgoing(frame, FrameKind.BATCHES, isAnswer);
  }
}
