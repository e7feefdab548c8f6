package io.starling.replica.batch;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.VersionVector;

/// A context that is narrower than its batch's: a client edits what an earlier read showed it.
///
/// Sealed in two: most transactions see all that their node has applied.
public sealed interface Narrowing {

  /// The whole context of the batch, and all transactions before in it.
  record Whole() implements Narrowing {}

  /// Only what a read token covers, and what the transaction itself has done. The vector is clipped
  /// to the author's, its own batches before this one included; entries that the vector omits read
  /// as the closes covered by the rest name.
  record To(VersionVector vector) implements Narrowing {}

  /// The usual one.
  Narrowing WHOLE = new Whole();

  /// Whether a dot of a batch that is being formed is seen by its `index`-th operation.
  ///
  /// @param firstOfTransaction index of the first operation of the transaction
  default boolean coversWithin(Dot dot, int firstOfTransaction, int index) {
    int from =
        switch (this) {
          case Whole() -> 0;
          case To _ -> firstOfTransaction;
        };
    return dot.index() >= from && dot.index() < index;
  }
}
