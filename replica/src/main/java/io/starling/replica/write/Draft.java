package io.starling.replica.write;

import io.starling.replica.batch.Head;
import io.starling.replica.batch.Transaction;
import io.starling.replica.limits.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// A batch while it is being filled.
final class Draft {

  private final long seq;
  private final List<Head> closes;
  private final List<Transaction> transactions = new ArrayList<>();
  private final SortedSet<String> keys = new TreeSet<>();
  private int operations;
  private int bytes;

  /// @param headerBytes what all but the transactions takes at most
  Draft(long seq, List<Head> closes, int headerBytes) {
    this.seq = seq;
    this.closes = closes;
    this.bytes = headerBytes;
  }

  long seq() {
    return seq;
  }

  List<Head> closes() {
    return closes;
  }

  List<Transaction> transactions() {
    return transactions;
  }

  SortedSet<String> keys() {
    return keys;
  }

  /// Index of the next operation.
  int operations() {
    return operations;
  }

  boolean isEmpty() {
    return transactions.isEmpty();
  }

  boolean hasRoom(int moreOperations, int moreBytes) {
    return operations + moreOperations <= Limits.BATCH_OPERATIONS_MAX
        && bytes + moreBytes <= Limits.BATCH_BYTES_MAX;
  }

  void add(Transaction transaction, int transactionBytes) {
    transactions.add(transaction);
    transaction.operations().forEach(operation -> keys.add(operation.path().key()));
    operations += transaction.operations().size();
    bytes += transactionBytes;
  }
}
