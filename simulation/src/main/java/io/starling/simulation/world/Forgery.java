package io.starling.simulation.world;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.Commitment;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.batch.Transaction;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Transfer;
import io.starling.simulation.chance.Draws;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What a liar makes up, with the one key that it has.
final class Forgery {

  private static final String PRINCIPAL = "liar";
  private static final int BYTES_MOST = 200;

  private final World world;
  private final SimulatedNode node;
  private final Liars liars;
  private final Draws draws;
  private final TreeMap<SpaceId, SignedBatch> last = new TreeMap<>();

  Forgery(World world, SimulatedNode node, Liars liars, Draws draws) {
    this.world = world;
    this.node = node;
    this.liars = liars;
    this.draws = draws;
  }

  byte[] sign(byte[] bytes) {
    return world.keys().signer(node.number()).sign(bytes);
  }

  /// An incarnation of its own that never was.
  ReplicaId self() {
    return new ReplicaId(node.key(), draws.bits());
  }

  ChainHash anyHash() {
    return new ChainHash(draws.bits(), draws.bits(), draws.bits(), draws.bits());
  }

  CellDigest anyDigest() {
    return new CellDigest(draws.bits(), draws.bits());
  }

  /// A cell with another byte in it.
  Transfer.Row.CellRow altered(Transfer.Row.CellRow row) {
    byte[] content = row.content().clone();
    if (content.length > 0) {
      content[draws.below(content.length)] ^= (byte) draws.between(1, 255);
    }
    return new Transfer.Row.CellRow(row.name(), content, row.hasMore());
  }

  Message signed(Beacon beacon) {
    byte[] body = beacon.toBytes();
    byte[] signature = sign(SigningDomain.beacon(world.cluster(), beacon.space(), body));
    return new Message.Announcement(new SignedBeacon(beacon, body, signature));
  }

  private SignedBatch signed(Batch batch) {
    return signed(batch, world.cluster(), batch.space());
  }

  private SignedBatch signed(Batch batch, ClusterId cluster, SpaceId space) {
    byte[] body = BatchEncoding.encode(batch);
    byte[] signature = sign(SigningDomain.batch(cluster, space, body));
    return new SignedBatch(batch, ChainHash.of(body), body, signature);
  }

  /// Another batch of the same number.
  SignedBatch twin(SignedBatch signed) {
    var it = signed.batch();
    var transactions = new ArrayList<>(it.transactions());
    transactions.add(harmless());
    var twin =
        signed(
            new Batch(
                it.space(),
                it.replica(),
                it.seq(),
                it.previous(),
                it.context(),
                it.time(),
                it.closes(),
                transactions));
    liars.seen(signed).ifPresent(on -> liars.built(twin, on));
    return twin;
  }

  private Transaction harmless() {
    return of(new Operation.AddElement(key(), new Value.Int(draws.below(20))));
  }

  private Path key() {
    return Path.of("lie/" + draws.below(3));
  }

  private static Transaction of(Operation... operations) {
    return new Transaction(PRINCIPAL, Narrowing.WHOLE, List.of(operations));
  }

  private HybridTime now() {
    return HybridTime.ofMillis(node.clock().now().toEpochMilli());
  }

  /// Batches of which the signature is not that of whom they name.
  List<SignedBatch> forged(SpaceId space) {
    var known =
        node.find(space).stream()
            .flatMap(it -> it.ledger().applied().stream())
            .filter(it -> !it.batch().replica().key().equals(node.key()))
            .toList();
    var victim = otherKey();
    int kind = draws.below(known.isEmpty() ? 2 : 6);
    var batch =
        switch (kind) {
          // Of another member, or of nobody, under the own signature.
          case 0 -> signed(first(space, new ReplicaId(victim, draws.bits())));
          case 1 ->
              signed(
                  first(
                      space,
                      new ReplicaId(new KeyFingerprint(draws.bits(), draws.bits()), draws.bits())));
          // That follows on what a member has written.
          case 2 -> {
            var before = draws.pick(known).batch();
            var head = known.stream().filter(it -> it.batch().equals(before)).findFirst();
            yield signed(
                new Batch(
                    space,
                    before.replica(),
                    before.seq() + 1,
                    head.orElseThrow().hash(),
                    ContextDifference.NONE,
                    now(),
                    List.of(),
                    List.of(harmless())));
          }
          // With the signature of another batch.
          case 3 -> {
            var body = draws.pick(known);
            var other = draws.pick(known);
            boolean isSame = other.hash().equals(body.hash());
            byte[] signature =
                isSame ? draws.bytes(SignedBatch.SIGNATURE_BYTES) : other.signature();
            yield new SignedBatch(body.batch(), body.hash(), body.body(), signature);
          }
          // Changed on the way.
          case 4 -> {
            var it = draws.pick(known);
            var changed =
                new Batch(
                    space,
                    it.batch().replica(),
                    it.batch().seq(),
                    it.batch().previous(),
                    it.batch().context(),
                    it.batch().time().next(),
                    it.batch().closes(),
                    it.batch().transactions());
            byte[] body = BatchEncoding.encode(changed);
            yield new SignedBatch(changed, ChainHash.of(body), body, it.signature());
          }
          default -> {
            var it = draws.pick(known);
            yield new SignedBatch(
                it.batch(), it.hash(), it.body(), draws.bytes(SignedBatch.SIGNATURE_BYTES));
          }
        };
    return List.of(batch);
  }

  private Batch first(SpaceId space, ReplicaId replica) {
    return batch(space, replica, 1, ChainHash.ROOT, ContextDifference.NONE, now(), harmless());
  }

  private static Batch batch(
      SpaceId space,
      ReplicaId replica,
      long seq,
      ChainHash previous,
      ContextDifference context,
      HybridTime time,
      Transaction... transactions) {
    return new Batch(
        space, replica, seq, previous, context, time, List.of(), List.of(transactions));
  }

  /// Batches that it has signed, and that make no sense, or little.
  List<SignedBatch> nonsense(SpaceId space) {
    var batch =
        switch (draws.below(13)) {
          case 0 -> next(space, anyTime(), harmless());
          case 1 -> next(space, anyTime(), removal());
          case 2 -> next(space, now(), unknownPrincipal());
          case 3 -> knowing(space, now(), removal());
          case 4 -> knowing(space, anyTime(), harmless());
          // Numbers that nothing leads to.
          case 5 -> gap(space, draws.between(100, 105));
          case 6 -> gap(space, Long.MAX_VALUE);
          // Contexts of what nobody has.
          case 7 -> unheardOf(space, new ReplicaId(anyKey(), draws.bits()), draws.between(1, 9));
          case 8 -> ahead(space, Long.MAX_VALUE);
          // Contexts that are right by numbers, perhaps later, and wrong by hashes: members that
          // have
          // taken state over may know no better than to read them by their numbers.
          case 9 -> liars.tell(Lie.TRANSFERS) ? gap(space, 99) : ahead(space, draws.between(1, 3));
          case 10 -> liars.tell(Lie.TRANSFERS) ? gap(space, 99) : ahead(space, 0);
          case 11 -> reset(space);
          default -> close(space);
        };
    return List.of(batch);
  }

  private KeyFingerprint otherKey() {
    return draws.pick(
        world.nodes().stream()
            .map(SimulatedNode::key)
            .filter(key -> !key.equals(node.key()))
            .toList());
  }

  private KeyFingerprint anyKey() {
    return draws.pick(world.nodes()).key();
  }

  private HybridTime anyTime() {
    long now = node.clock().now().toEpochMilli();
    return switch (draws.below(5)) {
      case 0 -> HybridTime.ZERO;
      case 1 -> new HybridTime(-1);
      case 2 -> new HybridTime(Long.MAX_VALUE);
      case 3 -> HybridTime.ofMillis(now + 100_000_000_000L);
      default -> HybridTime.ofMillis(Math.max(0, now - 1_000_000));
    };
  }

  private Transaction removal() {
    var path = Path.of(draws.pick(List.of("lie/", "set/", "register/", "any/")) + draws.below(3));
    return draws.perMille(500)
        ? of(new Operation.Remove(path, List.of()))
        : of(new Operation.RemoveElement(path, new Value.Int(draws.below(9))));
  }

  private Transaction unknownPrincipal() {
    var name = "nobody-" + draws.below(1_000);
    return new Transaction(name, Narrowing.WHOLE, harmless().operations());
  }

  /// One that stands: the first of an incarnation, or one more of the last.
  private SignedBatch next(SpaceId space, HybridTime time, Transaction transaction) {
    var before = Optional.ofNullable(last.get(space)).filter(_ -> draws.perMille(600));
    var replica = before.map(it -> it.batch().replica()).orElseGet(this::self);
    long seq = before.map(it -> it.batch().seq()).orElse(0L) + 1;
    var previous = before.map(SignedBatch::hash).orElse(ChainHash.ROOT);
    var signed =
        signed(batch(space, replica, seq, previous, ContextDifference.NONE, time, transaction));
    var on = before.flatMap(liars::seen).orElse(VersionVector.EMPTY);
    liars.built(signed, before.map(it -> on.with(replica, seq - 1)).orElse(on));
    last.put(space, signed);
    return signed;
  }

  /// One that has all that this node has in its context.
  private SignedBatch knowing(SpaceId space, HybridTime time, Transaction transaction) {
    var at = node.find(space).orElseThrow();
    var hashes = new ArrayList<ChainHash>();
    var heads = new TreeMap<ReplicaId, Long>();
    for (var head : at.reader().token().heads()) {
      var hash =
          at.ledger().applied().stream().map(SignedBatch::hash).filter(head::matches).findFirst();
      if (hash.isPresent()) {
        heads.put(head.replica(), head.seq());
        hashes.add(hash.get());
      }
    }
    var context =
        new ContextDifference(VersionVector.of(heads), VersionVector.EMPTY, Commitment.to(hashes));
    var signed = signed(batch(space, self(), 1, ChainHash.ROOT, context, time, transaction));
    liars.built(signed, at.ledger().vector());
    return signed;
  }

  private SignedBatch gap(SpaceId space, long seq) {
    var replica =
        Optional.ofNullable(last.get(space)).map(it -> it.batch().replica()).orElseGet(this::self);
    var none = ContextDifference.NONE;
    return signed(batch(space, replica, seq, anyHash(), none, now(), harmless()));
  }

  private SignedBatch unheardOf(SpaceId space, ReplicaId replica, long seq) {
    var context =
        new ContextDifference(
            VersionVector.EMPTY.with(replica, seq),
            VersionVector.EMPTY,
            new Commitment(draws.bits(), draws.bits()));
    return signed(batch(space, self(), 1, ChainHash.ROOT, context, now(), harmless()));
  }

  /// It has seen of somebody what that has not written yet.
  private SignedBatch ahead(SpaceId space, long by) {
    var known = node.find(space).map(it -> it.reader().token().heads()).orElse(List.of());
    if (known.isEmpty()) {
      return gap(space, 100);
    }
    var head = draws.pick(known);
    long seq = by > Long.MAX_VALUE - head.seq() ? by : head.seq() + by;
    return unheardOf(space, head.replica(), seq);
  }

  private SignedBatch reset(SpaceId space) {
    var known = node.find(space).map(it -> it.ledger().applied()).orElse(List.of());
    var origin =
        known.isEmpty() || draws.perMille(300)
            ? new ReplicaId(anyKey(), draws.bits())
            : draws.pick(known).batch().replica();
    var path = Path.of("tally/" + draws.below(3));
    var tally = new Tally(draws.between(1, 5), 0, 1_000_000);
    var named = List.of(new NamedTally(new CellId.Share(path, origin), tally));
    var none = ContextDifference.NONE;
    return signed(
        batch(space, self(), 1, ChainHash.ROOT, none, now(), of(new Operation.Reset(path, named))));
  }

  /// Of the replica of somebody else.
  private SignedBatch close(SpaceId space) {
    var known = node.find(space).map(it -> it.ledger().applied()).orElse(List.of());
    var head =
        known.isEmpty()
            ? new Head(new ReplicaId(anyKey(), draws.bits()), 1, anyHash())
            : draws.pick(known).head();
    return signed(
        new Batch(
            space,
            self(),
            1,
            ChainHash.ROOT,
            ContextDifference.NONE,
            now(),
            List.of(head),
            List.of()));
  }

  /// Bytes that are no message, or hardly one.
  byte[] garbage(List<byte[]> heard) {
    if (heard.isEmpty() || draws.perMille(200)) {
      return draws.bytes(draws.below(BYTES_MOST));
    }
    byte[] frame = draws.pick(heard).clone();
    return switch (draws.below(4)) {
      case 0 -> Arrays.copyOf(frame, draws.below(frame.length));
      case 1 -> flipped(frame);
      case 2 -> world.wire().summed(flipped(frame));
      default -> counted(frame);
    };
  }

  private byte[] flipped(byte[] frame) {
    for (int i = draws.between(1, 4); i > 0; i--) {
      // Not in the name of the space, else most would be nobody's.
      int from = Math.min(16, frame.length - 1);
      frame[from + draws.below(frame.length - from)] ^= (byte) draws.between(1, 255);
    }
    return frame;
  }

  /// With a huge number where a count may be.
  private byte[] counted(byte[] frame) {
    int at = Math.min(frame.length - 1, 16 + draws.below(Math.max(1, Math.min(40, frame.length))));
    for (int i = at; i < Math.min(frame.length, at + 5); i++) {
      frame[i] = (byte) (i == at + 4 ? 0x07 : 0xff);
    }
    return world.wire().summed(frame);
  }

  /// What belongs elsewhere.
  byte[] foreign(List<byte[]> heard, SpaceId space) {
    var other = new SpaceId(draws.bits(), draws.bits());
    var batch = first(space, self());
    var told =
        switch (draws.below(3)) {
          case 0 -> signed(batch, new ClusterId(draws.bits(), draws.bits()), space);
          case 1 -> signed(batch, world.cluster(), other);
          default -> signed(first(other, self()));
        };
    if (!heard.isEmpty() && draws.perMille(300)) {
      byte[] frame = draws.pick(heard).clone();
      for (int i = 0; i < Math.min(16, frame.length); i++) {
        frame[i] = (byte) draws.below(256);
      }
      return world.wire().summed(frame);
    }
    var message =
        new Message.Batches(draws.perMille(500) ? space : other, List.of(told), Message.Part.FRESH);
    return world.wire().encode(message);
  }
}
