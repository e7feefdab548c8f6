package io.starling.replica.state;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalLong;

/// The signed batches of a space, as they came. Of a batch whose body was truncated, or never came,
/// the hash alone may be left in its place.
public final class SpaceLog {

  /// Hashes without bodies that one search passes over.
  static final int SEARCHED_MAX = 256;

  private final StatePort state;

  public SpaceLog(StatePort state) {
    this.state = state;
  }

  /// A batch by the number of its replica and its seq, if the log holds it.
  public Optional<SignedBatch> batch(int number, long seq) {
    return state
        .get(Table.LOG, Layout.log(number, seq))
        .filter(SpaceLog::isBody)
        .map(SpaceLog::decode);
  }

  /// The hash of a batch, if the log holds the batch or still its hash.
  public Optional<ChainHash> hash(int number, long seq) {
    return state.get(Table.LOG, Layout.log(number, seq)).map(ChainHash::ofBytes);
  }

  /// Sees hashes in order of their seqs; answers whether to go on.
  @FunctionalInterface
  public interface HashVisitor {
    boolean visit(long seq, ChainHash hash);
  }

  /// Shows the hashes of a replica's batches that the log holds, be it with their bodies or
  /// without, until the visitor has enough. There may be gaps.
  ///
  /// @param fromSeq the first seq to show
  public void hashes(int number, long fromSeq, HashVisitor visitor) {
    state.scan(
        Table.LOG,
        Layout.log(number, fromSeq),
        Layout.log(number + 1, 0),
        (key, entry) -> visitor.visit(seq(key), ChainHash.ofBytes(entry)));
  }

  /// Keeps the hash of a batch whose body is not here. Changes nothing where the log holds the
  /// batch or a hash of it.
  public static void keepHash(Staging staging, int number, long seq, ChainHash hash) {
    byte[] key = Layout.log(number, seq);
    boolean isDropped = seq < LogStart.of(staging, number).entries();
    if (!isDropped && staging.get(Table.LOG, key).isEmpty()) {
      staging.put(Table.LOG, key, hash.bytes());
    }
  }

  /// The first seq of a replica, from one on, whose batch the log holds. Where more than
  /// [#SEARCHED_MAX] hashes stand before it, a seq that is not after it.
  public OptionalLong firstSeq(int number, long from) {
    var found = search(number, Math.max(from, LogStart.of(state, number).bodies()));
    return found.batch().isPresent() || found.isCutShort()
        ? OptionalLong.of(found.next())
        : OptionalLong.empty();
  }

  /// The first batch of a replica from a seq on that has its body.
  Search search(int number, long fromSeq) {
    var hashes = new ArrayList<Long>();
    var found = new ArrayList<SignedBatch>();
    state.scan(
        Table.LOG,
        Layout.log(number, fromSeq),
        Layout.log(number + 1, 0),
        (key, entry) -> {
          if (isBody(entry)) {
            found.add(decode(entry));
          } else {
            hashes.add(seq(key));
          }
          return found.isEmpty() && hashes.size() < SEARCHED_MAX;
        });
    var firstHash = hashes.stream().mapToLong(it -> it).findFirst();
    long passed = hashes.isEmpty() ? fromSeq : hashes.getLast() + 1;
    return found.isEmpty()
        ? new Search(Optional.empty(), firstHash, passed, hashes.size() == SEARCHED_MAX)
        : new Search(
            Optional.of(found.getFirst()), firstHash, found.getFirst().batch().seq(), false);
  }

  /// What a search has found.
  ///
  /// @param batch the first that has its body
  /// @param firstHash the first hash without a body that stands before it
  /// @param next the batch's seq; without one, where to go on
  /// @param isCutShort whether there may be a batch further on
  record Search(
      Optional<SignedBatch> batch, OptionalLong firstHash, long next, boolean isCutShort) {}

  private static boolean isBody(byte[] entry) {
    return entry.length > ChainHash.BYTES;
  }

  static long seq(byte[] key) {
    try {
      return new Decoder(key, Integer.BYTES, Long.BYTES).u64();
    } catch (MalformedException broken) {
      throw new AssertionError("a broken key in the log", broken);
    }
  }

  private static SignedBatch decode(byte[] entry) {
    var in = new Decoder(entry);
    try {
      var hash = ChainHash.read(in);
      byte[] signature = in.raw(SignedBatch.SIGNATURE_BYTES);
      byte[] body = in.rest();
      return switch (BatchEncoding.decode(body)) {
        case BatchEncoding.Decoded.Read(var batch) -> new SignedBatch(batch, hash, body, signature);
        case BatchEncoding.Decoded.Newer _, BatchEncoding.Decoded.Malformed _ ->
            throw new AssertionError("the log holds a batch that was never applied");
      };
    } catch (MalformedException broken) {
      throw new AssertionError("a broken entry in the log", broken);
    }
  }
}
