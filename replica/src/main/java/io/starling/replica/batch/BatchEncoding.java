package io.starling.replica.batch;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.op.Operation;
import io.starling.crdt.op.OperationEncoding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The canonical bytes of a batch's body: what is hashed, signed, logged and relayed.
///
/// `docs/protocol.md` is the grammar, with the reason for each field; `vectors/` holds frozen
/// examples. A batch of a newer format is not malformed: it is not taken, so its replica stays
/// where it is here, and its peers keep it until this node can read it.
public final class BatchEncoding {

  /// The newest format that this version reads. A batch is written in the oldest that can say what
  /// it says ([#format(Batch)]), so that equal batches have equal bytes.
  public static final int FORMAT = OperationEncoding.FORM;

  /// Bytes of a body. A larger one is invalid.
  public static final int BYTES_MAX = 896 * 1024;

  /// Operations in a batch. One with more is invalid.
  public static final int OPERATIONS_MAX = 16_384;

  /// Replicas that one context difference may name; one with more is invalid.
  public static final int CONTEXT_ENTRIES_MAX = 4_096;

  /// Closes in a batch; one with more is invalid.
  public static final int CLOSES_MAX = 4_096;

  // Bits of a transaction's form.
  private static final int NARROWED = 1;
  private static final int NAMED = 2;
  private static final int FORM_MAX = NARROWED | NAMED;

  private BatchEncoding() {}

  /// What bytes turn out to be.
  public sealed interface Decoded {
    /// A batch of a format this version reads.
    record Read(Batch batch) implements Decoded {}

    /// A batch in a format newer than this version; to be pulled again when the node is upgraded.
    record Newer(int format) implements Decoded {}

    /// No batch, or an invalid one.
    record Malformed(String reason) implements Decoded {}
  }

  /// The oldest format that can say what a batch says: that of its newest operation.
  public static int format(Batch batch) {
    return batch.transactions().stream()
        .flatMap(transaction -> transaction.operations().stream())
        .mapToInt(OperationEncoding::form)
        .reduce(1, Math::max);
  }

  public static byte[] encode(Batch batch) {
    var out = new Encoder(512);
    out.varint(format(batch)).u64(batch.space().high()).u64(batch.space().low());
    out.replica(batch.replica()).varint(batch.seq());
    batch.previous().write(out);
    writeContext(out, batch.context());
    out.u64(batch.time().bits()).varint(batch.closes().size());
    for (var close : batch.closes()) {
      out.replica(close.replica()).varint(close.seq());
      close.hash().write(out);
    }
    out.varint(batch.transactions().size());
    batch.transactions().forEach(transaction -> writeTransaction(out, transaction));
    return out.toBytes();
  }

  /// Reads a body. Never throws; allocates no more than a small multiple of the input.
  public static Decoded decode(byte[] body) {
    if (body.length > BYTES_MAX) {
      return new Decoded.Malformed(body.length + " bytes, at most " + BYTES_MAX + " are allowed");
    }
    try {
      var in = new Decoder(body);
      long format = in.varint();
      if (Long.compareUnsigned(format, FORMAT) > 0) {
        boolean isSmall = Long.compareUnsigned(format, Integer.MAX_VALUE) < 0;
        return new Decoded.Newer(isSmall ? (int) format : Integer.MAX_VALUE);
      }
      if (format < 1) {
        return new Decoded.Malformed("format " + format);
      }
      var batch = readBatch(in);
      in.finish();
      if (format != format(batch)) {
        return new Decoded.Malformed(
            "format " + format + ", and it says what takes format " + format(batch));
      }
      return new Decoded.Read(batch);
    } catch (MalformedException refused) {
      return new Decoded.Malformed(String.valueOf(refused.getMessage()));
    }
  }

  private static Batch readBatch(Decoder in) throws MalformedException {
    var space = new SpaceId(in.u64(), in.u64());
    var replica = in.replica();
    long seq = in.seq();
    var previous = ChainHash.read(in);
    var context = readContext(in);
    var time = new HybridTime(in.u64());
    var closes = readCloses(in);
    int count = in.count(OPERATIONS_MAX, "transactions");
    var transactions = new ArrayList<Transaction>();
    int operations = 0;
    for (int i = 0; i < count; i++) {
      var transaction = readTransaction(in, OPERATIONS_MAX - operations);
      operations += transaction.operations().size();
      transactions.add(transaction);
    }
    return new Batch(space, replica, seq, previous, context, time, closes, transactions);
  }

  private static void writeContext(Encoder out, ContextDifference context) {
    writeVector(out, context.space());
    writeVector(out, context.system());
    if (!context.isEmpty()) {
      out.u64(context.commitment().high()).u64(context.commitment().low());
    }
  }

  private static ContextDifference readContext(Decoder in) throws MalformedException {
    var space = readVector(in);
    var system = readVector(in);
    var commitment =
        space.isEmpty() && system.isEmpty() ? Commitment.NONE : new Commitment(in.u64(), in.u64());
    return new ContextDifference(space, system, commitment);
  }

  private static List<Head> readCloses(Decoder in) throws MalformedException {
    int count = in.count(CLOSES_MAX, "closes");
    var closes = new ArrayList<Head>();
    for (int i = 0; i < count; i++) {
      closes.add(new Head(in.replica(), in.seq(), ChainHash.read(in)));
    }
    return closes;
  }

  private static void writeTransaction(Encoder out, Transaction transaction) {
    out.text(transaction.principal());
    boolean isNarrowed = transaction.narrowed() instanceof Narrowing.To;
    out.u8((isNarrowed ? NARROWED : 0) | (transaction.request().isPresent() ? NAMED : 0));
    if (transaction.narrowed() instanceof Narrowing.To(var vector)) {
      writeVector(out, vector);
    }
    transaction.request().ifPresent(request -> out.text(request.name()).u64(request.fingerprint()));
    out.varint(transaction.operations().size());
    OperationEncoding.write(out, transaction.operations());
  }

  private static Transaction readTransaction(Decoder in, int operationsLeft)
      throws MalformedException {
    var principal = in.text();
    if (principal.getBytes(StandardCharsets.UTF_8).length > Transaction.PRINCIPAL_BYTES_MAX) {
      throw new MalformedException("a principal of too many bytes");
    }
    int form = in.u8();
    if (form > FORM_MAX) {
      throw new MalformedException("a transaction of an unknown form " + form);
    }
    Narrowing narrowed =
        (form & NARROWED) != 0 ? new Narrowing.To(readVector(in)) : Narrowing.WHOLE;
    Optional<RequestKey> request =
        (form & NAMED) != 0 ? Optional.of(readRequest(in)) : Optional.empty();
    int count = in.count(operationsLeft, "operations");
    if (count == 0) {
      throw new MalformedException("a transaction without an operation");
    }
    List<Operation> operations = OperationEncoding.read(in, count);
    return new Transaction(principal, narrowed, request, operations);
  }

  private static RequestKey readRequest(Decoder in) throws MalformedException {
    var name = in.text();
    long fingerprint = in.u64();
    try {
      return new RequestKey(name, fingerprint);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static void writeVector(Encoder out, VersionVector vector) {
    var entries = vector.entries();
    out.varint(entries.size());
    entries.forEach(entry -> out.replica(entry.replica()).varint(entry.seq()));
  }

  private static VersionVector readVector(Decoder in) throws MalformedException {
    int count = in.count(CONTEXT_ENTRIES_MAX, "replicas");
    var entries = new TreeMap<ReplicaId, Long>();
    for (int i = 0; i < count; i++) {
      var replica = in.replica();
      if (!entries.isEmpty() && entries.lastKey().compareTo(replica) >= 0) {
        throw new MalformedException("a vector with replicas out of order");
      }
      entries.put(replica, in.seq());
    }
    return VersionVector.of(entries);
  }
}
