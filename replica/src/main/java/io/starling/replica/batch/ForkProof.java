package io.starling.replica.batch;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Two different signed batches with one number of one replica: a proof, for anyone who has the
/// signer's certificate, that the holder of a key has numbered two things alike.
///
/// No store that was killed, restored, copied or lost ever gives one, for each start of it is
/// another replica. What does: a machine that was set back with its memory while the node ran, and
/// a key in the wrong hands.
///
/// @param one the half whose hash is the lower, so that equal proofs are equal bytes
public record ForkProof(SignedBatch one, SignedBatch other) {

  private static final int FORMAT = 1;
  private static final int KEYS_SHOWN = 3;

  /// Where two batches are that should be one.
  public record Place(SpaceId space, ReplicaId replica, long seq) implements Comparable<Place> {
    @Override
    public int compareTo(Place that) {
      return Comparator.comparing(Place::replica)
          .thenComparingLong(Place::seq)
          .thenComparing(Place::space)
          .compare(this, that);
    }
  }

  public ForkProof {
    if (!isProof(one, other)) {
      throw new IllegalArgumentException(one.head() + " and " + other.head() + " prove nothing");
    }
  }

  /// The proof that two batches make; empty if they make none.
  public static Optional<ForkProof> of(SignedBatch a, SignedBatch b) {
    if (!place(a).equals(place(b)) || a.hash().equals(b.hash())) {
      return Optional.empty();
    }
    boolean isOrdered = a.hash().compareTo(b.hash()) < 0;
    return Optional.of(isOrdered ? new ForkProof(a, b) : new ForkProof(b, a));
  }

  private static boolean isProof(SignedBatch one, SignedBatch other) {
    return place(one).equals(place(other)) && one.hash().compareTo(other.hash()) < 0;
  }

  /// Where a batch is.
  public static Place place(SignedBatch signed) {
    var batch = signed.batch();
    return new Place(batch.space(), batch.replica(), batch.seq());
  }

  public Place place() {
    return place(one);
  }

  /// Whether both halves follow on one and the same batch: it is here that one became two.
  public boolean isPoint() {
    return one.batch().previous().equals(other.batch().previous());
  }

  /// Who and what, for the operator.
  public String sentence() {
    return "two batches "
        + place().seq()
        + " of "
        + place().replica()
        + ", both signed with the key "
        + place().replica().key()
        + ": "
        + half(one)
        + ", and "
        + half(other)
        + "; both stand, each on a branch of its own. Its machine was set back while the node ran, or"
        + " its key is in other hands: see the operations page";
  }

  private static String half(SignedBatch signed) {
    var keys = new TreeSet<String>();
    for (var transaction : signed.batch().transactions()) {
      transaction.operations().forEach(operation -> keys.add(operation.path().key()));
    }
    var shown = keys.stream().limit(KEYS_SHOWN).collect(Collectors.joining(", "));
    int more = keys.size() - KEYS_SHOWN;
    return "one that changes "
        + (keys.isEmpty() ? "nothing" : shown)
        + (more > 0 ? " and " + more + " more" : "")
        + " ("
        + signed.hash()
        + ")";
  }

  /// The stored form.
  public byte[] toBytes() {
    var out = new Encoder(one.bytes() + other.bytes() + 16).u8(FORMAT);
    write(out, one);
    write(out, other);
    return out.toBytes();
  }

  private static void write(Encoder out, SignedBatch half) {
    out.bytes(half.body()).raw(half.signature());
  }

  /// Reads the stored form. Signatures are not looked at: who stored it had.
  public static ForkProof fromBytes(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    int format = in.u8();
    if (format != FORMAT) {
      throw new MalformedException("a proof of a fork in format " + format);
    }
    var one = read(in);
    var other = read(in);
    in.finish();
    if (!isProof(one, other)) {
      throw new MalformedException("two batches that prove nothing, or in the wrong order");
    }
    return new ForkProof(one, other);
  }

  private static SignedBatch read(Decoder in) throws MalformedException {
    byte[] body = in.bytes();
    byte[] signature = in.raw(SignedBatch.SIGNATURE_BYTES);
    if (BatchEncoding.decode(body) instanceof BatchEncoding.Decoded.Read(var batch)) {
      return new SignedBatch(batch, ChainHash.of(body), body, signature);
    }
    throw new MalformedException("half a proof that is no batch");
  }
}
