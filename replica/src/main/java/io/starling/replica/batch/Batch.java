package io.starling.replica.batch;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import java.util.List;

/// A numbered, chained entry of a replica's log: the unit of logging, signing, gossip and atomic
/// application.
///
/// @param space the space whose log this is
/// @param replica the author
/// @param seq 1 for the author's first batch, without a hole
/// @param previous hash of the author's batch before; [ChainHash#ROOT] for the first
/// @param context what the author had applied
/// @param time the author's hybrid clock when the batch was formed
/// @param closes replicas that the author declares ended; its context covers each head named
/// @param transactions in order; a batch without any, and without closes, says only what its author
///   has applied
public record Batch(
    SpaceId space,
    ReplicaId replica,
    long seq,
    ChainHash previous,
    ContextDifference context,
    HybridTime time,
    List<Head> closes,
    List<Transaction> transactions) {

  public Batch {
    closes = List.copyOf(closes);
    transactions = List.copyOf(transactions);
    if (seq < 1) {
      throw new IllegalArgumentException("a batch has a seq from 1");
    }
  }

  /// How many operations its transactions hold.
  public int operations() {
    return transactions.stream().mapToInt(t -> t.operations().size()).sum();
  }
}
