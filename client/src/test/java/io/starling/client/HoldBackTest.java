package io.starling.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.starling.proto.v1.Cut;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Ping;
import io.starling.proto.v1.WatchEvent;
import org.junit.jupiter.api.Test;

final class HoldBackTest {

  private final HoldBack holdBack = new HoldBack();

  static WatchEvent change(String key) {
    var entry = Entry.newBuilder().setKey(key).setReading(FakeNode.reading("1"));
    return WatchEvent.newBuilder().setChange(entry).build();
  }

  static WatchEvent upToDate(String token) {
    var cut = Cut.newBuilder().setToken(ByteString.copyFromUtf8(token));
    return WatchEvent.newBuilder().setUpToDate(cut).build();
  }

  @Test
  void groupIsToldWhole() {
    assertThat(holdBack.take(change("a"))).isEmpty();
    assertThat(holdBack.take(WatchEvent.newBuilder().setPing(Ping.getDefaultInstance()).build()))
        .isEmpty();
    assertThat(holdBack.take(change("b"))).isEmpty();
    assertThat(holdBack.take(upToDate("t"))).hasSize(3);
    assertThat(holdBack.take(upToDate("u"))).hasSize(1);
    assertThat(holdBack.breakOff()).isFalse();
  }

  @Test
  void whatIsHeldIsForgottenAtABreak() {
    holdBack.take(change("a"));
    assertThat(holdBack.breakOff()).as("nothing of it was told").isFalse();
    assertThat(holdBack.take(upToDate("t"))).hasSize(1);
  }

  @Test
  void beyondTheBoundEventsAreToldAsTheyComeAndABreakShows() {
    for (int i = 0; i < HoldBack.EVENTS_MAX; i++) {
      assertThat(holdBack.take(change("k" + i))).isEmpty();
    }
    assertThat(holdBack.take(change("over"))).hasSize(HoldBack.EVENTS_MAX + 1);
    assertThat(holdBack.take(change("next"))).hasSize(1);
    assertThat(holdBack.breakOff()).isTrue();
    assertThat(holdBack.breakOff()).isFalse();
  }

  @Test
  void bytesAreBoundedToo() {
    var key = "k".repeat(1 << 20);
    for (int i = 0; i < 7; i++) {
      assertThat(holdBack.take(change(key))).isEmpty();
    }
    assertThat(holdBack.take(change(key))).hasSize(8);
    assertThat(holdBack.take(upToDate("t"))).hasSize(1);
    assertThat(holdBack.breakOff()).as("the group is whole").isFalse();
  }
}
