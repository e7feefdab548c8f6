package io.starling.simulation.world;

import io.starling.crdt.encoding.Encoder;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.port.Table;
import io.starling.simulation.disk.SimulatedDisk;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/// What can be read of a log that may be damaged.
final class WholeLog {

  private WholeLog() {}

  /// The batches that a store had applied and of which the log still has each byte.
  static List<SignedBatch> of(SimulatedDisk disk, Ledger ledger) {
    var whole = new TreeSet<byte[]>(Arrays::compareUnsigned);
    disk.untouched()
        .scan(
            Table.LOG,
            new byte[0],
            new byte[0],
            (key, value) -> {
              if (!disk.isSpoiled(Table.LOG, key)) {
                whole.add(value);
              }
              return true;
            });
    return ledger.applied().stream().filter(batch -> whole.contains(entry(batch))).toList();
  }

  private static byte[] entry(SignedBatch batch) {
    var out = new Encoder(batch.bytes() + ChainHash.BYTES);
    batch.hash().write(out);
    return out.raw(batch.signature()).raw(batch.body()).toBytes();
  }
}
