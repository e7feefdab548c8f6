package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;
import io.starling.node.peer.PeerHints.Outlook;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/// How often an address is dialled that was only hinted at.
final class TentativeTest {

  private static final PeerAddress SOMEWHERE = new PeerAddress("10.0.0.1", 1);
  private static final KeyFingerprint PEER = new KeyFingerprint(1, 2);
  private static final KeyFingerprint OTHER = new KeyFingerprint(3, 4);

  private final Set<KeyFingerprint> linked = ConcurrentHashMap.newKeySet();
  private long nanos = 1_000;
  private final DialBudget budget = new DialBudget(() -> nanos);
  private final Tentative pace = pace();

  @Test
  void aGhostIsDialledAFewTimesAnHour() {
    pace.claim(PEER);
    assertThat(attemptsWithin(Duration.ofHours(1))).isBetween(15, 25);
    assertThat(pace.outlook()).isEqualTo(Outlook.FAILING);
    assertThat(attemptsWithin(Duration.ofHours(1))).isBetween(10, 13);
  }

  @Test
  void aHintThatComesAndGoesIsNotDialledMoreOften() {
    int attempts = 0;
    for (int second = 0; second < 3_600; second++) {
      pace.claim(PEER);
      attempts += attemptsWithin(Duration.ofMillis(500));
      assertThat(pace.disclaim(PEER)).isTrue();
      advance(Duration.ofMillis(500));
    }
    assertThat(attempts).isLessThanOrEqualTo(25);
  }

  @Test
  void whereAMemberHasAnsweredItIsDialledLikeAnyPeer() {
    pace.claim(PEER);
    assertThat(pace.wait(SOMEWHERE)).isZero();
    pace.greeted();
    assertThat(pace.outlook()).isEqualTo(Outlook.PROVEN);
    var longest = TransportLimits.DEFAULT.timing().redialMax().multipliedBy(3).dividedBy(2);
    for (int i = 0; i < 50; i++) {
      assertThat(pace.ended(false).orElseThrow()).isLessThanOrEqualTo(longest);
      advance(Duration.ofHours(1));
      assertThat(pace.wait(SOMEWHERE)).isZero();
    }
  }

  @Test
  void aProvenAddressOutlivesItsHintAndIsForgottenWhenNobodyAnswers() {
    pace.claim(PEER);
    pace.greeted();
    assertThat(pace.disclaim(PEER)).isFalse();
    assertThat(pace.ended(true)).isPresent();
    advance(Tentative.PROVEN_KEPT);
    assertThat(pace.ended(false)).isPresent();
    advance(Duration.ofSeconds(1));
    assertThat(pace.ended(false)).isEmpty();
  }

  @Test
  void aProvenAddressWhosePeerComesBackIsKept() {
    pace.claim(PEER);
    pace.greeted();
    pace.disclaim(PEER);
    for (int i = 0; i < 10; i++) {
      assertThat(pace.ended(true)).isPresent();
      advance(Tentative.PROVEN_KEPT);
    }
  }

  @Test
  void aPeerThatIsLinkedIsNotDialledAgain() {
    pace.claim(PEER);
    linked.add(PEER);
    assertThat(pace.wait(SOMEWHERE)).isEqualTo(Tentative.LOOK);
    linked.clear();
    assertThat(pace.wait(SOMEWHERE)).isZero();
  }

  @Test
  void aLiarsNameForAnAddressKeepsNobodyFromIt() {
    linked.add(OTHER);
    pace.claim(OTHER);
    pace.claim(PEER);
    assertThat(pace.wait(SOMEWHERE)).isZero();
  }

  @Test
  void manyNamesForOneAddressAreNoReasonToLeaveItOut() {
    for (int i = 0; i < 10_000; i++) {
      var name = new KeyFingerprint(9, i);
      linked.add(name);
      pace.claim(name);
    }
    assertThat(pace.wait(SOMEWHERE)).isZero();
  }

  @Test
  void allGhostsTogetherHaveOneBudget() {
    int begun = 0;
    for (int i = 0; i < 10_000; i++) {
      var ghost = pace();
      ghost.claim(PEER);
      begun += ghost.wait(SOMEWHERE).isPositive() ? 0 : 1;
    }
    assertThat(begun).isEqualTo(DialBudget.BURST);
    advance(Duration.ofSeconds(1));
    int next = 0;
    for (int i = 0; i < 10_000; i++) {
      next += pace().wait(SOMEWHERE).isPositive() ? 0 : 1;
    }
    assertThat(next).isEqualTo(DialBudget.PER_SECOND);
  }

  @Test
  void allGhostsTogetherHaveOneLineOfTheLogInAWhile() {
    int lines = 0;
    for (int i = 0; i < 1_000; i++) {
      var ghost = pace();
      ghost.claim(PEER);
      assertThat(ghost.ended(false)).isPresent();
      lines += ghost.isWorthTelling() ? 1 : 0;
      advance(Duration.ofMillis(100));
    }
    assertThat(lines).isEqualTo(10);
    pace.claim(PEER);
    pace.greeted();
    assertThat(pace.isWorthTelling()).isTrue();
    assertThat(pace.isWorthTelling()).isTrue();
  }

  private Tentative pace() {
    var backoff = new Backoff(TransportLimits.DEFAULT.timing(), new SplittableRandom(1));
    return new Tentative(backoff, budget, linked::contains, () -> nanos);
  }

  /// Dials whenever it may, for so long; every attempt fails at once.
  private int attemptsWithin(Duration time) {
    long end = nanos + time.toNanos();
    int attempts = 0;
    while (nanos < end) {
      var wait = pace.wait(SOMEWHERE);
      if (!wait.isPositive()) {
        attempts++;
        wait = pace.ended(false).orElseThrow();
      }
      nanos = Math.min(end, nanos + wait.toNanos());
    }
    return attempts;
  }

  private void advance(Duration time) {
    nanos += time.toNanos();
  }
}
