package io.starling.replica.state;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.port.Table;

/// The newest format of the batches that were applied here, one by one: a state that is taken over
/// does not say in what format it was written.
///
/// Whoever wrote the first one of it knew that all members read it (ADR 18), and whoever joined
/// since has to. So it may be written from then on, also while a member is in reach of whom nothing
/// is known yet.
public final class AppliedFormat {

  private static final int FIRST = 1;

  private final Staging staging;
  private int newest;

  AppliedFormat(Staging staging) {
    this.staging = staging;
    newest =
        staging.get(Table.META, Layout.APPLIED_FORMAT_KEY).map(AppliedFormat::read).orElse(FIRST);
  }

  /// 1, if all were of the first format.
  public int newest() {
    return newest;
  }

  /// A batch is applied. Costs a look at each of its operations, and one write for each newer
  /// format.
  public void applied(Batch batch) {
    int format = BatchEncoding.format(batch);
    if (format > newest) {
      newest = format;
      staging.put(Table.META, Layout.APPLIED_FORMAT_KEY, new Encoder(4).varint(format).toBytes());
    }
  }

  private static int read(byte[] stored) {
    try {
      return new Decoder(stored).count(Integer.MAX_VALUE, "as format");
    } catch (MalformedException broken) {
      throw new AssertionError("a broken mark of a format", broken);
    }
  }
}
