package io.starling.replica.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.Damage;
import io.starling.replica.batch.Batches;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SpaceId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MessageEncodingProperties {

  @Property(tries = 500)
  void aTokenIsReadAsItWasWritten(@ForAll("tokens") Token token) throws MalformedException {
    assertThat(Token.fromBytes(token.toBytes())).isEqualTo(token);
    assertThat(Token.fromText(token.toText())).isEqualTo(token);
  }

  @Property(tries = 500)
  void aBeaconIsReadAsItWasWritten(@ForAll("beacons") Beacon beacon) throws MalformedException {
    assertThat(Beacon.fromBytes(beacon.toBytes())).isEqualTo(beacon);
  }

  @Property(tries = 500)
  void damageIsRefusedOrIsAnother(
      @ForAll("tokens") Token token, @ForAll("beacons") Beacon beacon, @ForAll long seed) {
    var random = new Random(seed);
    byte[] damagedToken = token.toBytes();
    byte[] damagedBeacon = beacon.toBytes();
    for (int i = 0; i < 20; i++) {
      damagedToken = Damage.of(damagedToken, random);
      damagedBeacon = Damage.of(damagedBeacon, random);
      try {
        assertThat(Token.fromBytes(damagedToken).toBytes()).isEqualTo(damagedToken);
      } catch (MalformedException refused) {
        assertThat(refused).hasMessageMatching(".+");
      }
      try {
        assertThat(Beacon.fromBytes(damagedBeacon).toBytes()).isEqualTo(damagedBeacon);
      } catch (MalformedException refused) {
        assertThat(refused).hasMessageMatching(".+");
      }
    }
  }

  @Property(tries = 100)
  void noBeginningIsAWhole(@ForAll("tokens") Token token, @ForAll("beacons") Beacon beacon) {
    byte[] tokenBytes = token.toBytes();
    for (int length = 0; length < tokenBytes.length; length++) {
      byte[] part = Arrays.copyOf(tokenBytes, length);
      assertThatThrownBy(() -> Token.fromBytes(part)).isInstanceOf(MalformedException.class);
    }
    byte[] beaconBytes = beacon.toBytes();
    for (int length = 0; length < beaconBytes.length; length++) {
      byte[] part = Arrays.copyOf(beaconBytes, length);
      assertThatThrownBy(() -> Beacon.fromBytes(part)).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void aTokenOfAnotherVersionSaysSo() {
    assertThatThrownBy(() -> Token.fromBytes(new byte[] {2}))
        .hasMessage("a token of version 2; this node reads 1");
    assertThatThrownBy(() -> Beacon.fromBytes(new byte[] {9}))
        .hasMessage("a beacon of version 9; this node reads 1");
    assertThatThrownBy(() -> Token.fromText("no base64!"))
        .isInstanceOf(MalformedException.class)
        .hasMessage("a token that is not base64url");
  }

  @Test
  void headsOutOfOrderAreRefused() {
    var head = new Token.Prefix(new ReplicaId(new KeyFingerprint(1, 1), 1), 1, 1);
    var space = new SpaceId(1, 1);
    var twice = new Token(space, List.of(head, head)).toBytes();
    assertThatThrownBy(() -> Token.fromBytes(twice)).hasMessage("a token with heads out of order");
    var beacon =
        new Beacon(
            space,
            head.replica(),
            new Beacon.OwnHead(0, ChainHash.ROOT),
            List.of(head, head),
            CellDigest.ZERO,
            CellDigest.ZERO,
            0,
            HybridTime.ZERO,
            0);
    assertThatThrownBy(() -> Beacon.fromBytes(beacon.toBytes()))
        .hasMessage("a beacon with heads out of order");
  }

  @Test
  void tooManyHeadsAreRefusedBeforeTheyAreRead() {
    var many = new Encoder().u8(1).u64(0).u64(0).varint(Token.HEADS_MAX + 1).toBytes();
    assertThatThrownBy(() -> Token.fromBytes(many))
        .hasMessage("4097 heads, at most 4096 are allowed");
  }

  @Provide
  Arbitrary<Token> tokens() {
    return Combinators.combine(Batches.spaces(), prefixes()).as(Token::new);
  }

  private static List<Token.Prefix> inOrder(List<Token.Prefix> heads) {
    var ordered = new ArrayList<Token.Prefix>();
    heads.stream()
        .sorted((a, b) -> a.replica().compareTo(b.replica()))
        .filter(head -> isNext(ordered, head))
        .forEach(ordered::add);
    return ordered;
  }

  private static boolean isNext(List<Token.Prefix> before, Token.Prefix head) {
    return before.isEmpty() || before.getLast().replica().compareTo(head.replica()) < 0;
  }

  @Provide
  Arbitrary<Beacon> beacons() {
    var digests = Combinators.combine(longs(), longs()).as(CellDigest::new);
    var heads =
        Combinators.combine(Arbitraries.longs().greaterOrEqual(0), Batches.hashes())
            .as(Beacon.OwnHead::new);
    var counts =
        Combinators.combine(Arbitraries.longs().greaterOrEqual(0), Batches.times(), longs())
            .as((cells, time, wall) -> new Numbers(cells, time.bits(), wall));
    return Combinators.combine(
            Batches.spaces(), Batches.replicas(), heads, prefixes(), digests, digests, counts)
        .as((space, author, head, moved, closed, digest, numbers) ->
            new Beacon(
                space,
                author,
                head,
                moved,
                closed,
                digest,
                numbers.cells,
                new HybridTime(numbers.time),
                numbers.wall));
  }

  private record Numbers(long cells, long time, long wall) {}

  private static Arbitrary<List<Token.Prefix>> prefixes() {
    return Combinators.combine(Batches.replicas(), Batches.seqs(), longs())
        .as(Token.Prefix::new)
        .list()
        .ofMaxSize(5)
        .map(MessageEncodingProperties::inOrder);
  }

  private static Arbitrary<Long> longs() {
    return Arbitraries.longs();
  }
}
