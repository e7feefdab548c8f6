package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;
import io.starling.node.peer.PeerHints.Outlook;
import io.starling.node.transport.Flock.Bird;
import io.starling.replica.message.Message;
import io.starling.replica.message.Message.Part;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Hints, true and false, over real links.
final class PeerHintsTest {

  @TempDir private Path root;
  private Flock flock;
  private Bird alpha;
  private Bird beta;

  @BeforeEach
  void join() throws Exception {
    flock = new Flock(root, "flock");
    alpha = flock.join("alpha");
    beta = flock.join("beta");
  }

  @AfterEach
  void stop() {
    flock.close();
  }

  @Test
  void aSuggestedAddressIsDialledAndItsPeerProvesItself() throws Exception {
    alpha.start();
    beta.start();
    suggest(alpha, beta.address(), key(beta));
    await().until(() -> alpha.isLinked(beta) && beta.isLinked(alpha));
    assertThat(alpha.transport().outlook(beta.address())).isEqualTo(Outlook.PROVEN);
    alpha.send(beta, new Message.Batches(alpha.main, List.of(alpha.write(10)), Part.FRESH));
    await().until(() -> beta.inbox.batches().size() == 1);
  }

  @Test
  void whoeverAnswersIsTakenForWhomItProvesToBe() throws Exception {
    alpha.start();
    beta.start();
    var gamma = flock.join("gamma").start();
    suggest(alpha, beta.address(), key(gamma));
    await().until(() -> alpha.isLinked(beta));
    assertThat(alpha.isLinked(gamma)).isFalse();
    assertThat(alpha.inbox.everUp).containsExactly(key(beta));
  }

  @Test
  void aStrangersAddressIsNoWayIn() throws Exception {
    var foreign = new Flock(root, "foreign");
    var stranger = foreign.join("stranger").start();
    alpha.start();
    suggest(alpha, stranger.address(), key(beta));
    await().until(() -> alpha.transport().outlook(stranger.address()) == Outlook.FAILING);
    assertThat(alpha.inbox.everUp).isEmpty();
    assertThat(stranger.inbox.everUp).isEmpty();
    foreign.close();
  }

  @Test
  void aGhostIsForgottenWithItsHint() throws Exception {
    alpha.start();
    try (var nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var ghost = new PeerAddress("127.0.0.1", nobody.getLocalPort());
      nobody.close();
      suggest(alpha, ghost, key(beta));
      await().until(() -> alpha.transport().outlook(ghost) == Outlook.FAILING);
      alpha.transport().withdraw(ghost, key(beta));
      assertThat(alpha.transport().outlook(ghost)).isEqualTo(Outlook.UNKNOWN);
      assertThat(alpha.transport().dialled()).isEmpty();
    }
  }

  @Test
  void tenThousandGhostsKeepNoMemberOut() throws Exception {
    alpha.start();
    beta.start(alpha.address());
    await().until(() -> alpha.isLinked(beta));
    for (int i = 0; i < 10_000; i++) {
      var ghost = new PeerAddress("127.5." + i / 250 + "." + (1 + i % 250), 9);
      suggest(alpha, ghost, new KeyFingerprint(9, i));
    }
    assertThat(alpha.transport().dialled()).hasSize(Suggestions.DIALLED_MAX);
    beta.send(alpha, new Message.Batches(beta.main, List.of(beta.write(10)), Part.FRESH));
    await().until(() -> alpha.inbox.batches().size() == 1);
    assertThat(alpha.isLinked(beta)).isTrue();
  }

  @Test
  void anAddressThatIsDialledAnywayIsNotDialledTwice() throws Exception {
    alpha.start();
    beta.start(alpha.address());
    suggest(beta, alpha.address(), key(alpha));
    await().until(() -> beta.isLinked(alpha));
    assertThat(beta.transport().dialled()).containsExactly(alpha.address());
  }

  @Test
  void aHintThatFlapsCutsNothing() throws Exception {
    alpha.start();
    beta.start();
    suggest(alpha, beta.address(), key(beta));
    await().until(() -> alpha.isLinked(beta));
    var since = alpha.traffic(beta).connection().since();
    for (int i = 0; i < 1_000; i++) {
      alpha.transport().withdraw(beta.address(), key(beta));
      alpha.transport().doubt(key(beta));
      suggest(alpha, beta.address(), key(beta));
    }
    alpha.transport().withdraw(beta.address(), key(beta));
    beta.send(alpha, new Message.Batches(beta.main, List.of(beta.write(10)), Part.FRESH));
    await().until(() -> alpha.inbox.batches().size() == 1);
    assertThat(alpha.traffic(beta).connection().since()).isEqualTo(since);
  }

  @Test
  void aLostLinkIsDialledAgainAlsoWhenItsHintIsGone() throws Exception {
    alpha.start();
    beta.start();
    var address = beta.address();
    suggest(alpha, address, key(beta));
    await().until(() -> alpha.isLinked(beta));
    alpha.transport().withdraw(address, key(beta));
    beta.stop();
    await().until(() -> !alpha.isLinked(beta));
    beta.start(address.port(), Flock.QUICK);
    await().until(() -> alpha.isLinked(beta));
  }

  /// A silent link, two who look at it: who was hinted at the loss knows it, the other does not.
  /// Silence alone ends a link after 30 s here. Meanwhile the same lie about a peer that is well
  /// changes nothing.
  @Test
  void aLossIsNoticedByAHintAndALieIsNotBelieved() throws Exception {
    beta.start();
    var well = flock.join("well").start();
    var unhinted = flock.join("unhinted");
    try (var one = new SilentProxy(beta.address());
        var two = new SilentProxy(beta.address())) {
      alpha.start(one.address(), well.address());
      unhinted.start(two.address());
      await().until(() -> alpha.isLinked(beta) && alpha.isLinked(well) && unhinted.isLinked(beta));
      var since = alpha.traffic(well).connection().since();
      one.fallSilent();
      two.fallSilent();

      alpha.transport().doubt(key(beta));
      alpha.transport().doubt(key(well));
      await().until(() -> !alpha.isLinked(beta));

      assertThat(unhinted.isLinked(beta)).isTrue();
      assertThat(alpha.traffic(well).connection().since()).isEqualTo(since).isPresent();
      assertThat(alpha.isLinked(well)).isTrue();
    }
  }

  @Test
  void doubtsOfStrangersAreNothing() throws Exception {
    alpha.start();
    for (int i = 0; i < 10_000; i++) {
      alpha.transport().doubt(new KeyFingerprint(9, i));
    }
    alpha.transport().doubt(key(alpha));
    assertThat(alpha.transport().traffic()).isEmpty();
  }

  private static KeyFingerprint key(Bird bird) {
    return bird.identity.fingerprint();
  }

  private static void suggest(Bird to, PeerAddress address, KeyFingerprint claimed) {
    to.transport().suggest(address, claimed);
  }
}
