package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.transport.Flock.Bird;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process started beside another that runs with the same key.
final class TwoProcessesTest {

  @TempDir private Path root;
  private Flock flock;
  private Bird original;
  private Bird copy;
  private Bird peer;

  @BeforeEach
  void join() throws Exception {
    flock = new Flock(root, "flock");
    original = flock.join("original");
    peer = flock.join("peer");
    copy = new Bird(original.identity, original.roster);
  }

  @AfterEach
  void stop() {
    copy.stop();
    flock.close();
  }

  @Test
  void aPeerThatIsLinkedWithBothNamesThem() throws Exception {
    original.start();
    peer.start(original.address());
    await().until(() -> peer.isLinked(original));
    copy.start(peer.address());
    await().until(() -> !peer.alarms.isEmpty());
    assertThat(peer.alarms)
        .singleElement()
        .asString()
        .startsWith("KEY_IN_TWO_PLACES: two processes run with the key of original (")
        .contains(original.address().toString(), "127.0.0.1:", "stop the one that is a copy");
  }

  @Test
  void bothHearEverything() throws Exception {
    original.start();
    peer.start(original.address());
    copy.start(peer.address());
    await().until(() -> !peer.alarms.isEmpty());
    peer.send(original, new Message.Pull(peer.main, new Token(peer.main, List.of())));
    await().until(() -> original.inbox.messages().size() == 1);
    await().until(() -> copy.inbox.messages().size() == 1);
    assertThat(peer.traffic(original).losses().unsent()).isZero();
  }

  @Test
  void eachNamesTheOtherWhereTheyMeet() throws Exception {
    original.start();
    copy.start(original.address());
    await().until(() -> !original.alarms.isEmpty() && !copy.alarms.isEmpty());
    assertThat(copy.alarms.peek()).contains("at this process and at " + original.address());
  }

  @Test
  void aProcessThatWasStartedAgainIsNoSecondOneThoughTheFirstIsNotNoticedToBeGone()
      throws Exception {
    peer.start();
    try (var way = new SilentProxy(peer.address())) {
      original.start(way.address());
      await().until(() -> peer.isLinked(original));
      way.fallSilent();
      original.stop();
      copy.start(peer.address());
      await().until(() -> copy.isLinked(peer));
      long before = echoes();
      await().until(() -> echoes() > before + 20);
      assertThat(peer.alarms).isEmpty();
    }
  }

  private long echoes() {
    return peer.traffic(original).in().get(FrameKind.ECHO).frames();
  }

  @Test
  void aProcessThatWasStartedAgainIsNoSecondOne() throws Exception {
    peer.start();
    for (int i = 0; i < 5; i++) {
      original.start(peer.address());
      await().until(() -> original.isLinked(peer) && peer.isLinked(original));
      await()
          .until(() -> peer.transport().traffic().getFirst().connection().roundTrip().isPresent());
      original.stop();
    }
    assertThat(peer.alarms).isEmpty();
  }
}
