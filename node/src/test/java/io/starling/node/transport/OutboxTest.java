package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.starling.proto.peer.v1.Batches;
import io.starling.proto.peer.v1.Beacon;
import io.starling.proto.peer.v1.Frame;
import io.starling.replica.batch.SpaceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OutboxTest {

  private static final SpaceId BUSY = new SpaceId(0, 1);
  private static final SpaceId QUIET = new SpaceId(0, 2);
  private static final SpaceId THIRD = new SpaceId(0, 3);

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
    assertThat(outbox.offer(batches("answer", true))).isEqualTo(1);
    assertThat(outbox.offer(batches("4", false))).as("past the gap").isEqualTo(1);
    assertThat(drain()).containsExactly("old answer", "1", "2", "answer");
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

  @Test
  void aSpaceThatFillsTheOutboxLeavesRoomForTheOthers() {
    for (int i = 0; i < 10; i++) {
      outbox.offer(batches("busy " + i, false).of(BUSY));
    }
    assertThat(outbox.frames()).isEqualTo(4);
    assertThat(outbox.offer(batches("quiet 1", false).of(QUIET))).as("one of the others").isOne();
    assertThat(outbox.offer(batches("busy 10", false).of(BUSY))).as("past its gap").isOne();
    assertThat(outbox.offer(batches("quiet 2", false).of(QUIET))).isOne();
    assertThat(outbox.offer(batches("third", false).of(THIRD))).as("half is enough").isOne();
    assertThat(outbox.frames()).isEqualTo(4);
    var sent = drain();
    assertThat(sent).hasSize(4).contains("busy 0", "quiet 1", "third");
    assertThat(sent).doesNotContain("busy 10");
    assertThat(outbox.offer(batches("busy 11", false).of(BUSY))).as("its gap is over").isZero();
  }

  @Test
  void theGapOfOneSpaceIsNoneOfAnother() {
    for (int i = 0; i < 6; i++) {
      outbox.offer(batches("busy " + i, false).of(BUSY));
    }
    for (int i = 0; i < 3; i++) {
      assertThat(outbox.poll()).isPresent();
      assertThat(outbox.offer(batches("quiet " + i, false).of(QUIET))).isZero();
    }
    assertThat(outbox.offer(batches("busy 9", false).of(BUSY))).as("its own").isOne();
  }

  @Test
  void spacesAreSentTheSameBytesInTurnAndEachInItsOrder() {
    var wide = new Outbox(new TransportLimits.Queue(1_000_000, 1_000, 10));
    var large = "x".repeat(1_000);
    for (int i = 0; i < 20; i++) {
      wide.offer(batches("large" + i % 10 + large, false).of(BUSY));
    }
    for (int i = 0; i < 20; i++) {
      wide.offer(batches("quiet" + i % 10, false).of(QUIET));
    }
    int larges = 0;
    int quiets = 0;
    while (quiets < 20) {
      var name = name(wide.poll().orElseThrow());
      if (name.startsWith("large")) {
        assertThat(name).startsWith("large" + larges++ % 10);
      } else {
        assertThat(name).isEqualTo("quiet" + quiets++ % 10);
      }
    }
    assertThat(larges).as("twenty small ones are not as much as two large ones").isLessThan(3);
  }

  @Test
  void ofSmallFramesTheyGoWhoseSpaceHasMost() {
    outbox.offer(beacon("quiet").of(QUIET));
    for (int i = 0; i < 5; i++) {
      outbox.offer(beacon("busy " + i).of(BUSY));
    }
    assertThat(drain()).containsExactlyInAnyOrder("quiet", "busy 4");
  }

  @Test
  void whateverIsOfferedTheBoundsHoldAndNothingIsLostUncounted() {
    var random = new Random(3);
    long offered = 0;
    long gone = 0;
    for (int i = 0; i < 20_000; i++) {
      var space = new SpaceId(0, random.nextInt(5));
      boolean isAnswer = random.nextInt(4) == 0;
      if (random.nextInt(3) == 0) {
        gone += outbox.poll().isPresent() ? 1 : 0;
      } else {
        offered++;
        gone +=
            outbox.offer(
                random.nextInt(5) == 0
                    ? beacon("b").of(space)
                    : batches("x".repeat(random.nextInt(500)), isAnswer).of(space));
      }
      assertThat(outbox.frames()).isEqualTo((int) (offered - gone)).isLessThanOrEqualTo(6);
      assertThat(outbox.bytes()).isBetween(0L, 2_000L);
    }
    gone += drain().size();
    assertThat(gone).isEqualTo(offered);
    assertThat(outbox.bytes()).isZero();
  }

  private List<String> drain() {
    var names = new ArrayList<String>();
    for (var next = outbox.poll(); next.isPresent(); next = outbox.poll()) {
      names.add(name(next.get()));
    }
    return names;
  }

  private static String name(Outgoing next) {
    var frame = next.frame();
    var name = frame.hasBeacon() ? frame.getBeacon().getBody() : frame.getBatches().getSpace();
    return name.toStringUtf8();
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
