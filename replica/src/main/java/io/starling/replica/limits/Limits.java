package io.starling.replica.limits;

import io.starling.crdt.op.OperationEncoding;
import io.starling.replica.batch.BatchEncoding;
import java.time.Duration;

/// Every bound of the engine, with what happens at it.
///
/// The defaults are one consistent set, derived from the largest frame that peers accept. Bounds
/// that decide validity ([#BATCH_BYTES_MAX], [#BATCH_OPERATIONS_MAX]) are constants, for a batch
/// must be valid on all nodes or on none.
///
/// @param transactionOperations operations in a transaction, 1 to 10 000; over it, refused
/// @param transactionBytes bytes of a transaction's operations; over it, refused
/// @param valueBytes bytes of one value or element; over it, refused
/// @param clearedCells cells that the removals, assignments and resets of one transaction may look
///   at where it is made; over it, refused; a receiver applies what it is sent
/// @param bufferedBatches batches of one node's replicas that wait for their causes; over it,
///   dropped and pulled again
/// @param pullBytes bytes of batches in one answer to a pull; over it, the answer says there is
///   more
/// @param tick how often `Event.Tick` is due
/// @param round how often a beacon goes to a random peer
/// @param drift how far ahead a stamp may be before it raises an alarm, and how far the own clock
///   may be from the peers' median before local writes are refused
/// @param retention how much of the log is kept
public record Limits(
    int transactionOperations,
    int transactionBytes,
    int valueBytes,
    int clearedCells,
    int bufferedBatches,
    int pullBytes,
    Duration tick,
    Duration round,
    Duration drift,
    LogRetention retention) {

  /// Bytes of a batch's body. A larger one is invalid.
  public static final int BATCH_BYTES_MAX = BatchEncoding.BYTES_MAX;

  /// Operations in a batch. One with more is invalid.
  public static final int BATCH_OPERATIONS_MAX = BatchEncoding.OPERATIONS_MAX;

  /// Replicas whose heads one batch may name as news. One that names more is invalid, and a write
  /// that would need it is refused.
  public static final int CONTEXT_ENTRIES_MAX = BatchEncoding.CONTEXT_ENTRIES_MAX;

  /// Bytes of a set's element, since it is part of a stored key; over it, refused.
  public static final int ELEMENT_BYTES_MAX = 1_024;

  /// How far one replica may count up or down; over it, refused. Every JSON reader holds such a
  /// number exactly.
  public static final long SHARE_MAX = 1L << 53;

  /// Bytes of one node's batches that wait for their causes; over it, dropped and pulled again.
  public static final long BUFFERED_BYTES_MAX = 32 << 20;

  /// Different alarms within a round; over it, the rest is not raised, for it would bury them.
  public static final int ALARMS_PER_ROUND = 256;

  /// Bytes of its state that a member gives to others in a second, all together.
  public static final long DONOR_BYTES_PER_SECOND = 256L << 20;

  /// Incarnations of one key that are taken in within a round; a further one waits.
  public static final int INCARNATIONS_PER_ROUND = 64;

  /// Hashes of batches that were truncated before all members had them; over it the oldest go, and
  /// a batch built on one of these is taken by its number.
  public static final long LOG_HASHES_MAX = 1_000_000;

  /// Entries of the log that one step of truncation looks at.
  public static final int TRUNCATED_PER_STEP = 256;

  public static final Limits DEFAULT =
      new Limits(
          10_000,
          768 * 1024,
          512 * 1024,
          100_000,
          1_024,
          768 * 1024,
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          Duration.ofSeconds(60));

  /// With the usual retention of the log.
  public Limits(
      int transactionOperations,
      int transactionBytes,
      int valueBytes,
      int clearedCells,
      int bufferedBatches,
      int pullBytes,
      Duration tick,
      Duration round,
      Duration drift) {
    this(
        transactionOperations,
        transactionBytes,
        valueBytes,
        clearedCells,
        bufferedBatches,
        pullBytes,
        tick,
        round,
        drift,
        LogRetention.DEFAULT);
  }

  /// The same with another retention of the log.
  public Limits retaining(LogRetention other) {
    return new Limits(
        transactionOperations,
        transactionBytes,
        valueBytes,
        clearedCells,
        bufferedBatches,
        pullBytes,
        tick,
        round,
        drift,
        other);
  }

  public Limits {
    require(transactionOperations, 10_000, "operations in a transaction");
    require(transactionBytes, 768 * 1024, "bytes of a transaction");
    require(valueBytes, 768 * 1024, "bytes of a value");
    require(clearedCells, OperationEncoding.TALLIES_MAX, "cleared cells");
    require(bufferedBatches, Integer.MAX_VALUE, "buffered batches");
    require(pullBytes, Integer.MAX_VALUE, "bytes of a pull");
    if (!tick.isPositive() || round.compareTo(tick) < 0 || drift.isNegative()) {
      throw new IllegalArgumentException(
          "a tick takes some time, a round at least a tick, and no drift is negative");
    }
  }

  private static void require(int value, int most, String what) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(value + " " + what + ": 1 to " + most + " are possible");
    }
  }
}
