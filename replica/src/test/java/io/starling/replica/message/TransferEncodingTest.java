package io.starling.replica.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.Damage;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Transfer.Row;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TransferEncodingTest {

  private static final ReplicaId ONE = new ReplicaId(new KeyFingerprint(1, 2), 3);
  private static final ReplicaId TWO = new ReplicaId(new KeyFingerprint(1, 2), 4);
  private static final Token TOKEN =
      new Token(new SpaceId(5, 6), List.of(new Token.Prefix(ONE, 7, 8)));
  private static final CellDigest SUM = new CellDigest(9, -1);

  private static final List<Transfer> ALL =
      List.of(
          new Transfer.Ask(List.of(), true),
          new Transfer.Ask(Collections.nCopies(TransferEncoding.GROUPS, -5L), false),
          new Transfer.Ask(Collections.nCopies(TransferEncoding.GROUPS, -5L), true),
          new Transfer.Offer(
              TOKEN,
              SUM,
              1_000_000,
              VersionVector.of(new TreeMap<>(Map.of(ONE, 3L))),
              List.of(
                  new Transfer.GroupSums(
                      1_023, Collections.nCopies(TransferEncoding.GROUP_BUCKETS, 77L)))),
          new Transfer.Leaves(
              2,
              1,
              List.of(
                  new Transfer.BucketSums(65_535, List.of(1L, 2L)),
                  new Transfer.BucketSums(3, List.of(0L, -1L))),
              true),
          new Transfer.Get(12),
          new Transfer.Page(
              3,
              List.of(
                  new Row.HeadRow(
                      ONE,
                      4,
                      new ChainHash(1, 2, 3, 4),
                      new HybridTime(99),
                      VersionVector.of(new TreeMap<>(Map.of(TWO, 2L))),
                      VersionVector.EMPTY),
                  new Row.BranchRow(TWO, 3, new ChainHash(1, 2, 3, 4)),
                  new Row.CloseRow(TWO, 1, new ChainHash(4, 3, 2, 1), ONE, 1),
                  new Row.HashesRow(ONE, 2, List.of(new ChainHash(5, 6, 7, 8), ChainHash.ROOT)),
                  new Row.LeafRow(65_535, 15),
                  new Row.CellRow(new byte[] {1, 2}, new byte[] {3}, true),
                  new Row.CellRow(new byte[] {1, 2}, new byte[] {4}, false)),
              true),
          new Transfer.Compare(TOKEN, VersionVector.EMPTY, new Secret(1, 2), false),
          new Transfer.Compare(TOKEN, VersionVector.EMPTY, new Secret(1, 2), true),
          new Transfer.Compared(
              TOKEN,
              SUM,
              SUM,
              VersionVector.of(new TreeMap<>(Map.of(ONE, 3L))),
              SUM,
              Optional.empty()),
          new Transfer.Compared(TOKEN, SUM, SUM, VersionVector.EMPTY, SUM, Optional.of(SUM)),
          new Transfer.Fetch(TOKEN),
          new Transfer.Looking(1L << 40),
          new Transfer.Refused(Transfer.Reason.DAMAGED, "no"));

  @Test
  void eachPartIsReadAsItWasWritten() throws MalformedException {
    for (var transfer : ALL) {
      byte[] bytes = TransferEncoding.encode(transfer);
      assertThat(TransferEncoding.encode(TransferEncoding.decode(bytes))).isEqualTo(bytes);
      assertThat(TransferEncoding.decode(bytes)).hasSameClassAs(transfer);
    }
  }

  /// What is a cell by itself is read where a page arrives; a piece of one is left to the engine.
  @Test
  void theCellsOfAPageAreReadAndNothingElseOfItChanges() throws MalformedException {
    byte[] name = new CellId.Single(Path.of("k"), CellKind.FLAG).canonical();
    byte[] content = new Encoder().dot(new Dot(ONE, 1, 0), ReplicaForm.FULL).toBytes();
    var rows =
        List.<Row>of(
            new Row.LeafRow(1, 2),
            new Row.CellRow(name, content, false),
            new Row.CellRow(name, content, true),
            new Row.CellRow(name, new byte[] {1}, false));
    var page = new Transfer.Page(1, rows, true);
    var read = page.read();
    assertThat(TransferEncoding.encode(read)).isEqualTo(TransferEncoding.encode(page));
    assertThat(read.bytes()).isEqualTo(page.bytes());
    assertThat(
            read.rows().stream()
                .map(row -> row instanceof Row.CellRow cell && cell.cell().isPresent()))
        .containsExactly(false, true, false, false);
    assertThat(((Row.CellRow) read.rows().get(1)).cell().orElseThrow().digest())
        .isEqualTo(CellDigest.of(name, content));
  }

  /// Nor is what follows on what is no cell: then the page is nothing that anybody takes.
  @Test
  void aPageIsReadUpToWhatIsNoCell() {
    byte[] name = new CellId.Single(Path.of("k"), CellKind.FLAG).canonical();
    byte[] content = new Encoder().dot(new Dot(ONE, 1, 0), ReplicaForm.FULL).toBytes();
    var cell = new Row.CellRow(name, content, false);
    var rows = List.<Row>of(cell, new Row.CellRow(name, new byte[] {1}, false), cell);
    assertThat(
            new Transfer.Page(1, rows, true)
                .read().rows().stream().map(row -> ((Row.CellRow) row).cell().isPresent()))
        .containsExactly(true, false, false);
  }

  @Test
  void damageIsRefusedOrIsAnother() {
    var random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = TransferEncoding.encode(ALL.get(i % ALL.size()));
      for (int times = random.nextInt(4); times >= 0 && bytes.length > 0; times--) {
        bytes = Damage.of(bytes, random);
      }
      try {
        assertThat(TransferEncoding.encode(TransferEncoding.decode(bytes))).isEqualTo(bytes);
      } catch (MalformedException refused) {
        assertThat(refused).hasMessageMatching(".+");
      }
    }
  }

  @Test
  void whatIsTooLongIsNotLookedAt() {
    assertThatThrownBy(() -> TransferEncoding.decode(new byte[TransferEncoding.BYTES_MAX + 1]))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("of " + (TransferEncoding.BYTES_MAX + 1) + " bytes");
  }
}
