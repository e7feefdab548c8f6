package io.starling.replica.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.Commitment;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.RequestKey;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.batch.Transaction;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.TransferEncoding;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Encodings as they were released. A change here breaks every store and every signature.
class FrozenVectorsTest {

  private static final ClusterId CLUSTER = new ClusterId(0x0102030405060708L, 0x090A0B0C0D0E0F10L);
  private static final SpaceId SPACE = SpaceId.of(CLUSTER, SpaceId.MAIN, 0);
  private static final ReplicaId ONE =
      new ReplicaId(new KeyFingerprint(0x1112131415161718L, 0x191A1B1C1D1E1F20L), 1);
  private static final ReplicaId BEFORE =
      new ReplicaId(new KeyFingerprint(0x1112131415161718L, 0x191A1B1C1D1E1F20L), 0);
  private static final ReplicaId TWO =
      new ReplicaId(new KeyFingerprint(0xF1F2F3F4F5F6F7F8L, 0xF9FAFBFCFDFEFFF0L), -2);
  private static final HybridTime TIME = new HybridTime(0x018BCFE568000003L);
  private static final ChainHash HASH = ChainHash.of("a batch".getBytes(StandardCharsets.UTF_8));
  private static final Path KEY = Path.of("places/2950159");

  @Test
  void batches() throws MalformedException {
    var batches = new TreeMap<String, Batch>();
    batches.put("smallest", first(List.of(), transaction(new Operation.Enable(Path.of("k")))));
    batches.put("a-document", first(List.of(), transaction(document())));
    batches.put(
        "closes-and-says-nothing-else",
        batch(context(BEFORE, 300), List.of(new Head(BEFORE, 300, HASH)), List.of()));
    batches.put(
        "closes-and-writes",
        batch(
            context(BEFORE, 300),
            List.of(new Head(BEFORE, 300, HASH)),
            List.of(transaction(new Operation.Increment(KEY, -300)))));
    batches.put("with-context", batch(context(TWO, 7), List.of(), List.of(everyOperation())));
    batches.put("with-system", batch(withSystem(), List.of(), List.of(transaction(document()))));
    batches.put("narrowed", batch(context(TWO, 7), List.of(), List.of(narrowed(), narrowed())));
    batches.put("named", batch(context(TWO, 7), List.of(), List.of(named(), narrowed())));
    new VectorFile("batches.txt").requireFrozen(batches, BatchEncoding::encode, this::batch);
  }

  @Test
  void beacons() throws MalformedException {
    var beacons = new TreeMap<String, Beacon>();
    beacons.put("without-a-batch", beacon(new Beacon.OwnHead(0, ChainHash.ROOT), List.of()));
    beacons.put("idle", beacon(new Beacon.OwnHead(12, HASH), List.of()));
    beacons.put(
        "has-applied-others",
        beacon(
            new Beacon.OwnHead(12, HASH),
            List.of(new Token.Prefix(BEFORE, 300, HASH.first()), new Token.Prefix(TWO, 7, -1))));
    new VectorFile("beacons.txt").requireFrozen(beacons, Beacon::toBytes, Beacon::fromBytes);
  }

  @Test
  void acknowledgements() throws MalformedException {
    var token = new Token(SPACE, List.of(new Token.Prefix(ONE, 1, HASH.first())));
    var statements = new TreeMap<String, Acknowledgement>();
    statements.put(
        "one-head",
        new Acknowledgement(SPACE, TWO, Acknowledgement.hash(token), 1_700_000_000_123L));
    new VectorFile("acknowledgements.txt")
        .requireFrozen(statements, Acknowledgement::toBytes, Acknowledgement::fromBytes);
  }

  @Test
  void tokens() throws MalformedException {
    var tokens = new TreeMap<String, Token>();
    tokens.put("nothing", new Token(SPACE, List.of()));
    tokens.put("one-head", new Token(SPACE, List.of(new Token.Prefix(ONE, 1, HASH.first()))));
    tokens.put(
        "two-heads",
        new Token(
            SPACE,
            List.of(
                new Token.Prefix(ONE, 300, HASH.first()),
                new Token.Prefix(TWO, Long.MAX_VALUE, -1))));
    new VectorFile("tokens.txt").requireFrozen(tokens, Token::toBytes, Token::fromBytes);
  }

  @Test
  void transfers() throws MalformedException {
    var transfers = new TreeMap<String, Transfer>();
    var token = new Token(SPACE, List.of(new Token.Prefix(ONE, 300, HASH.first())));
    var vector = VersionVector.EMPTY.with(TWO, 7);
    var digest = new CellDigest(1, -2);
    transfers.put("ask-for-all", new Transfer.Ask(List.of(), false));
    var sums = new Transfer.GroupSums(3, Collections.nCopies(64, 5L));
    transfers.put("offer", new Transfer.Offer(token, digest, 300, vector, List.of(sums)));
    var leaves = new Transfer.BucketSums(65_535, List.of(1L, -1L));
    transfers.put("leaves", new Transfer.Leaves(2, 1, List.of(leaves), true));
    transfers.put("get", new Transfer.Get(300));
    transfers.put("page", new Transfer.Page(300, rows(), false));
    transfers.put("compare", new Transfer.Compare(token, vector, secret(), false));
    transfers.put("ask-with-branches", new Transfer.Ask(List.of(), true));
    transfers.put("compare-with-branches", new Transfer.Compare(token, vector, secret(), true));
    var branch = new Transfer.Row.BranchRow(BEFORE, 8, HASH);
    transfers.put("page-of-branches", new Transfer.Page(1, List.of(branch), true));
    var none = Optional.<CellDigest>empty();
    transfers.put("compared", new Transfer.Compared(token, digest, digest, vector, digest, none));
    transfers.put(
        "compared-with-branches",
        new Transfer.Compared(token, digest, digest, vector, digest, Optional.of(digest)));
    transfers.put("fetch", new Transfer.Fetch(token));
    transfers.put("looking", new Transfer.Looking(300));
    for (var reason : Transfer.Reason.values()) {
      transfers.put("refused-" + reason, new Transfer.Refused(reason, "why"));
    }
    var bytes = new TreeMap<String, byte[]>();
    transfers.forEach((name, it) -> bytes.put(name, TransferEncoding.encode(it)));
    new VectorFile("transfers.txt").requireFrozen(bytes);
    for (var each : bytes.entrySet()) {
      var again = TransferEncoding.encode(TransferEncoding.decode(each.getValue()));
      assertThat(again).as(each.getKey()).isEqualTo(each.getValue());
    }
  }

  @Test
  void proofsOfForks() throws MalformedException {
    var proof = ForkProof.of(half("a"), half("b")).orElseThrow();
    var bytes = new TreeMap<String, byte[]>();
    bytes.put("two-halves", proof.toBytes());
    new VectorFile("forks.txt").requireFrozen(bytes);
    assertThat(ForkProof.fromBytes(proof.toBytes()).toBytes()).isEqualTo(proof.toBytes());
  }

  private static SignedBatch half(String key) {
    var batch = first(List.of(), transaction(new Operation.Enable(Path.of(key))));
    byte[] body = BatchEncoding.encode(batch);
    return new SignedBatch(batch, ChainHash.of(body), body, new byte[SignedBatch.SIGNATURE_BYTES]);
  }

  private static Secret secret() {
    return Secret.of(new byte[32], 1);
  }

  private static List<Transfer.Row> rows() {
    var vector = VersionVector.EMPTY.with(TWO, 7);
    return List.of(
        new Transfer.Row.HeadRow(ONE, 300, HASH, TIME, vector, VersionVector.EMPTY),
        new Transfer.Row.CloseRow(BEFORE, 7, HASH, ONE, 1),
        new Transfer.Row.HashesRow(ONE, 298, List.of(HASH, HASH)),
        new Transfer.Row.LeafRow(65_535, 1),
        new Transfer.Row.CellRow(new byte[] {1, 2}, new byte[] {3}, true));
  }

  @Test
  void hashesAndDomains() {
    byte[] body = {1, 2, 3};
    var bytes = new TreeMap<String, byte[]>();
    bytes.put("chain-hash-of-010203", ChainHash.of(body).bytes());
    bytes.put("chain-root", ChainHash.ROOT.bytes());
    var commitment = Commitment.to(List.of(ChainHash.of(body), HASH));
    bytes.put("commitment-to-two", pair(commitment.high(), commitment.low()));
    bytes.put("commitment-to-none", pair(Commitment.NONE.high(), Commitment.NONE.low()));
    bytes.put("signed-batch-010203", SigningDomain.batch(CLUSTER, SPACE, body));
    bytes.put("signed-beacon-010203", SigningDomain.beacon(CLUSTER, SPACE, body));
    bytes.put("signed-acknowledgement-010203", SigningDomain.acknowledgement(CLUSTER, SPACE, body));
    for (var name : List.of(SpaceId.MAIN, SpaceId.SYSTEM, "ünïcode")) {
      var id = SpaceId.of(CLUSTER, name, 0);
      bytes.put("space-" + name, pair(id.high(), id.low()));
    }
    var second = SpaceId.of(CLUSTER, SpaceId.MAIN, 1);
    bytes.put("space-main-generation-1", pair(second.high(), second.low()));
    new VectorFile("hashes.txt").requireFrozen(bytes);
  }

  private static Batch first(List<Head> closes, Transaction... transactions) {
    return new Batch(
        SPACE, ONE, 1, ChainHash.ROOT, ContextDifference.NONE, TIME, closes, List.of(transactions));
  }

  private static Batch batch(
      ContextDifference context, List<Head> closes, List<Transaction> transactions) {
    return new Batch(SPACE, ONE, 300, HASH, context, TIME, closes, transactions);
  }

  private static ContextDifference context(ReplicaId replica, long seq) {
    return new ContextDifference(
        VersionVector.EMPTY.with(replica, seq), VersionVector.EMPTY, Commitment.to(List.of(HASH)));
  }

  private static ContextDifference withSystem() {
    return new ContextDifference(
        VersionVector.EMPTY.with(BEFORE, 2).with(TWO, 7),
        VersionVector.EMPTY.with(TWO, 1),
        Commitment.to(List.of(HASH, HASH, HASH)));
  }

  private static Transaction named() {
    var key = Optional.of(new RequestKey("order-17", -5));
    var vector = new Narrowing.To(VersionVector.EMPTY.with(TWO, 3));
    return new Transaction("ada", vector, key, List.of(document()));
  }

  private static Transaction transaction(Operation... operations) {
    return new Transaction("ada", Narrowing.WHOLE, List.of(operations));
  }

  private static Operation[] document() {
    return new Operation[] {
      new Operation.Assign(KEY.field("name"), new Value.Text("Berlin"), ReadRule.LATEST, List.of()),
      new Operation.Assign(KEY.field("lat"), new Value.Real(52.52437), ReadRule.LATEST, List.of())
    };
  }

  private static Transaction everyOperation() {
    var tally = new NamedTally(new CellId.Share(KEY.field("n"), TWO), new Tally(7, 1, -4));
    var here = new NamedTally(new CellId.Share(KEY, TWO), new Tally(7, 2, 5));
    var text = new Value.Text("x");
    return transaction(
        new Operation.Assign(KEY, text, ReadRule.ALL, List.of(tally)),
        new Operation.MakeMap(KEY, List.of()),
        new Operation.Remove(KEY, List.of(tally)),
        new Operation.Reset(KEY, List.of(here)),
        new Operation.Increment(KEY, 1),
        new Operation.Enable(KEY),
        new Operation.Disable(KEY),
        new Operation.AddElement(KEY, text),
        new Operation.RemoveElement(KEY, text));
  }

  private static Transaction narrowed() {
    return new Transaction(
        "",
        new Narrowing.To(VersionVector.EMPTY.with(ONE, 299).with(TWO, 3)),
        List.of(new Operation.RemoveElement(KEY, new Value.Int(7))));
  }

  private static Beacon beacon(Beacon.OwnHead head, List<Token.Prefix> moved) {
    return new Beacon(
        SPACE,
        ONE,
        head,
        moved,
        new CellDigest(1, 2),
        new CellDigest(3, 4),
        171_075,
        TIME,
        1_700_000_000_123L);
  }

  private Batch batch(byte[] body) throws MalformedException {
    return switch (BatchEncoding.decode(body)) {
      case BatchEncoding.Decoded.Read(var batch) -> batch;
      case BatchEncoding.Decoded.Newer(int format) -> throw new MalformedException("" + format);
      case BatchEncoding.Decoded.Malformed(var reason) -> throw new MalformedException(reason);
    };
  }

  private static byte[] pair(long high, long low) {
    return new Encoder().u64(high).u64(low).toBytes();
  }
}
