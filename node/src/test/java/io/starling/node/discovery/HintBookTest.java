package io.starling.node.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.discovery.RecordedHints.At;
import io.starling.node.identity.PeerAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of what a source says, true or not.
final class HintBookTest {

  private static final KeyFingerprint SELF = new KeyFingerprint(1, 1);
  private static final KeyFingerprint PEER = new KeyFingerprint(2, 2);
  private static final KeyFingerprint OTHER = new KeyFingerprint(3, 3);

  private final RecordedHints peers = new RecordedHints();
  private final HintBook book = book("10.1.0.1:7412");

  private HintBook book(String own) {
    return new HintBook(peers, new Advertisement(PeerAddress.parse(own), SELF, "here"));
  }

  @Test
  void aMemberGivesAnAddressToDial() {
    book.found(sighting("a", "10.1.0.2:7412", PEER.toString()));
    assertThat(peers.standing()).containsExactly(at("10.1.0.2:7412", PEER));
    assertThat(peers.doubted()).isEmpty();
    assertThat(book.status().standing()).isEqualTo(1);
    assertThat(book.status().taken()).isEqualTo(1);
  }

  @Test
  void aMemberThatGoesLeadsToAQuestionAndNoMore() {
    book.found(sighting("a", "10.1.0.2:7412", PEER.toString()));
    book.lost("a");
    book.lost("a");
    assertThat(peers.standing()).isEmpty();
    assertThat(peers.doubted()).containsExactly(PEER);
    assertThat(book.status().losses()).isEqualTo(1);
  }

  @Test
  void aMemberThatWasNeverTakenIsNotMissed() {
    book.found(sighting("a", "not an address", PEER.toString()));
    book.lost("a");
    book.lost("who");
    assertThat(peers.doubted()).isEmpty();
    assertThat(book.status().losses()).isZero();
  }

  @Test
  void repeatedHintsCountOnceAndAreHandedOnAgain() {
    for (int i = 0; i < 5; i++) {
      book.found(sighting("a", "10.1.0.2:7412", PEER.toString()));
    }
    assertThat(book.status().taken()).isEqualTo(1);
    assertThat(peers.standing()).hasSize(1);
  }

  @Test
  void aMemberThatSaysSomethingElseIsFollowedThere() {
    book.found(sighting("a", "10.1.0.2:7412", PEER.toString()));
    book.found(sighting("a", "10.1.0.3:7412", PEER.toString()));
    assertThat(peers.standing()).containsExactly(at("10.1.0.3:7412", PEER));
    book.found(sighting("a", "0.0.0.0:7412", PEER.toString()));
    assertThat(peers.standing()).isEmpty();
    assertThat(peers.doubted()).isEmpty();
  }

  @Test
  void whatTwoMembersSayStandsUntilBothAreGone() {
    book.found(sighting("a", "10.1.0.2:7412", PEER.toString()));
    book.found(sighting("b", "10.1.0.2:7412", PEER.toString()));
    book.lost("a");
    assertThat(peers.standing()).hasSize(1);
    book.lost("b");
    assertThat(peers.standing()).isEmpty();
  }

  @Test
  void aSourceThatEndsSaysNothingOfOthers() {
    book.found(sighting("a", "10.1.0.2:7412", PEER.toString()));
    book.clear();
    assertThat(peers.standing()).isEmpty();
    assertThat(peers.doubted()).isEmpty();
  }

  @Test
  void whoIsMissingInTheWholeListIsLost() {
    book.found(sighting("a", "10.1.0.2:7412", PEER.toString()));
    book.present(List.of(sighting("b", "10.1.0.3:7412", OTHER.toString())));
    assertThat(peers.standing()).containsExactly(at("10.1.0.3:7412", OTHER));
    assertThat(peers.doubted()).containsExactly(PEER);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:7412, FORBIDDEN_ADDRESS",
    "0.1.2.3:7412, FORBIDDEN_ADDRESS",
    "[::]:7412, FORBIDDEN_ADDRESS",
    "127.0.0.1:7412, FORBIDDEN_ADDRESS",
    "127.1:7412, FORBIDDEN_ADDRESS",
    "2130706433:7412, FORBIDDEN_ADDRESS",
    "[::1]:7412, FORBIDDEN_ADDRESS",
    "[::ffff:127.0.0.1]:7412, FORBIDDEN_ADDRESS",
    "[::7f00:1]:7412, FORBIDDEN_ADDRESS",
    "169.254.169.254:80, FORBIDDEN_ADDRESS",
    "[::ffff:169.254.169.254]:80, FORBIDDEN_ADDRESS",
    "[64:ff9b::a9fe:a9fe]:80, FORBIDDEN_ADDRESS",
    "[2002:a9fe:a9fe::1]:80, FORBIDDEN_ADDRESS",
    "[fd00:ec2::254]:80, FORBIDDEN_ADDRESS",
    "100.100.100.200:80, FORBIDDEN_ADDRESS",
    "168.63.129.16:80, FORBIDDEN_ADDRESS",
    "[fe80::1]:7412, FORBIDDEN_ADDRESS",
    "224.0.0.1:7412, FORBIDDEN_ADDRESS",
    "[ff02::1]:7412, FORBIDDEN_ADDRESS",
    "255.255.255.255:7412, FORBIDDEN_ADDRESS",
    "10.1.0.1:7412, OWN",
    "[::ffff:10.1.0.1]:7412, OWN",
    "metadata.google.internal:80, HOST_NAME",
    "localhost:7412, HOST_NAME",
    "[fe80::1%lo]:7412, HOST_NAME",
    "10.1.0.2, MALFORMED",
    "10.1.0.2:0, MALFORMED",
    "10.1.0.2:65536, MALFORMED",
    "10.1.0.2:-1, MALFORMED",
    "a b:7412, MALFORMED",
    "'', MALFORMED",
  })
  void addressesThatNoPeerHasAreNotDialled(String address, HintRefusal why) {
    book.found(sighting("a", address, PEER.toString()));
    assertThat(peers.standing()).isEmpty();
    assertThat(book.status().refused()).containsEntry(why, 1L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0123", "zz000000000000000000000000000002"})
  void whatIsNoNodeIsNotTaken(String node) {
    book.found(sighting("a", "10.1.0.2:7412", node));
    assertThat(peers.standing()).isEmpty();
    assertThat(book.status().refused()).containsEntry(HintRefusal.MALFORMED, 1L);
  }

  @Test
  void attributesThatAreMissingOrEndlessAreNotLookedAt() {
    book.found(new Sighting("a", Optional.empty(), Optional.empty(), Optional.empty()));
    book.found(sighting("b", "1".repeat(1_000_000) + ":1", PEER.toString()));
    assertThat(book.status().refused()).containsEntry(HintRefusal.MALFORMED, 2L);
  }

  @Test
  void theOwnKeyIsNotDialledWhereverItIsSaidToBe() {
    book.found(sighting("a", "10.1.0.9:7412", SELF.toString()));
    book.lost("a");
    assertThat(peers.standing()).isEmpty();
    assertThat(peers.doubted()).isEmpty();
    assertThat(book.status().refused()).containsEntry(HintRefusal.OWN, 1L);
  }

  @Test
  void aNodeOnLoopbackTakesLoopback() {
    var local = book("127.0.0.1:7412");
    local.found(sighting("a", "127.0.0.1:7422", PEER.toString()));
    local.found(sighting("b", "127.0.0.1:7412", OTHER.toString()));
    assertThat(peers.standing()).containsExactly(at("127.0.0.1:7422", PEER));
    assertThat(local.status().refused()).containsEntry(HintRefusal.OWN, 1L);
  }

  @Test
  void tenThousandHintsLeaveAFewStandingAndNoneIsLostThatCounts() {
    for (int i = 0; i < 10_000; i++) {
      book.found(ghost(i));
    }
    assertThat(peers.standing()).hasSize(HintBook.HINTS_MAX);
    assertThat(peers.standingMost()).isEqualTo(HintBook.HINTS_MAX);
    assertThat(book.status().refused())
        .containsEntry(HintRefusal.FULL, 10_000L - HintBook.HINTS_MAX);
  }

  @Test
  void ghostsMakeRoomOnceNobodyAnswered() {
    for (int i = 0; i < HintBook.HINTS_MAX; i++) {
      book.found(ghost(i));
    }
    var member = sighting("member", "10.9.0.1:7412", PEER.toString());
    book.found(member);
    assertThat(peers.standing()).doesNotContain(at("10.9.0.1:7412", PEER));

    peers.fail(PeerAddress.parse("10.2.0.7:7412"));
    book.found(member);
    assertThat(peers.standing())
        .hasSize(HintBook.HINTS_MAX)
        .contains(at("10.9.0.1:7412", PEER))
        .doesNotContain(at("10.2.0.7:7412", new KeyFingerprint(9, 7)));
    assertThat(peers.doubted()).isEmpty();
  }

  private static Sighting ghost(int i) {
    var address = "10.2." + i / 256 + "." + i % 256 + ":7412";
    return sighting("ghost-" + i, address, new KeyFingerprint(9, i).toString());
  }

  private static At at(String address, KeyFingerprint peer) {
    return new At(PeerAddress.parse(address), peer);
  }

  private static Sighting sighting(String member, String address, String node) {
    return new Sighting(member, Optional.of(address), Optional.of(node), Optional.of("there"));
  }
}
