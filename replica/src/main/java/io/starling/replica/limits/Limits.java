package io.starling.replica.limits;

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
/// @param clearedCells cells that one removal or assignment may clear where it is made; over it,
///     refused; a receiver applies what it is sent
/// @param bufferedBatches batches of one replica that wait for their causes; over it, dropped and
///     pulled again
/// @param pullBytes bytes of batches in one answer to a pull; over it, the answer says there is more
/// @param tick how often `Event.Tick` is due
/// @param round how often a beacon goes to a random peer
/// @param drift how far ahead a stamp may be before it raises an alarm, and how far the own clock
///     may be from the peers' median before local writes are refused
public record Limits(
    int transactionOperations,
    int transactionBytes,
    int valueBytes,
    int clearedCells,
    int bufferedBatches,
    int pullBytes,
    Duration tick,
    Duration round,
    Duration drift) {

  /// Bytes of a batch's body. A larger one is invalid.
  public static final int BATCH_BYTES_MAX = BatchEncoding.BYTES_MAX;

  /// Operations in a batch. One with more is invalid.
  public static final int BATCH_OPERATIONS_MAX = BatchEncoding.OPERATIONS_MAX;

  /// Bytes of a set's element, since it is part of a stored key; over it, refused.
  public static final int ELEMENT_BYTES_MAX = 1_024;

  /// How far one replica may count up or down; over it, refused. Every JSON reader holds such a
  /// number exactly.
  public static final long SHARE_MAX = 1L << 53;

  /// Incarnations of one key that are taken in within a round; a further one waits.
  public static final int INCARNATIONS_PER_ROUND = 64;

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
}
