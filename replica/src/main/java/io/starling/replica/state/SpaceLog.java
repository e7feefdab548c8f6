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

/// The signed batches of a space, as they came.
public final class SpaceLog {

  private final StatePort state;

  public SpaceLog(StatePort state) {
    this.state = state;
  }

  /// A batch by the number of its replica and its seq, if the log holds it.
  public Optional<SignedBatch> batch(int number, long seq) {
    return state.get(Table.LOG, Layout.log(number, seq)).map(SpaceLog::decode);
  }

  /// The first seq of a replica that the log holds.
  public OptionalLong firstSeq(int number) {
    var found = new ArrayList<Long>();
    state.scan(
        Table.LOG,
        Layout.log(number, 0),
        Layout.log(number + 1, 0),
        (key, _) -> {
          found.add(seq(key));
          return false;
        });
    return found.isEmpty() ? OptionalLong.empty() : OptionalLong.of(found.getFirst());
  }

  private static long seq(byte[] key) {
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
