package io.starling.crdt.model;

import io.starling.crdt.op.Operation;
import java.util.List;

/// Something that happens in a [World]. Numbers that name a replica or a state of the past are
/// taken modulo how many there are; a step that is not possible changes nothing.
public sealed interface Step {

  /// A replica commits a transaction.
  ///
  /// @param millis its stamp, which need not grow
  /// @param read 0 if its client sees what the replica holds, or which of the replica's own earlier
  ///   states it had read
  /// @param operations without named tallies; the author adds them
  record Commit(int replica, int millis, int read, List<Operation> operations) implements Step {}

  /// A replica applies the next batch of another.
  record Deliver(int origin, int to) implements Step {}

  /// A replica applies all batches that another has applied.
  record Sync(int from, int to) implements Step {}

  /// A replica joins the state of another.
  record Merge(int from, int to) implements Step {}

  /// A replica joins the join of two others.
  record MergeBoth(int first, int second, int to) implements Step {}

  /// A replica joins a state that some replica once had.
  record MergeStale(int past, int to) implements Step {}
}
