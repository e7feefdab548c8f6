package io.starling.replica.write;

import io.starling.replica.batch.Head;
import io.starling.replica.batch.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// A batch while it is being filled.
final class Draft {

  /// Room for a header with contexts and closes, and the framing of a transaction.
  private static final int OVERHEAD_BYTES = 64 * 1024;

  private final long seq;
  private final List<Head> closes;
  private final List<Transaction> transactions = new ArrayList<>();
  private final SortedSet<String> keys = new TreeSet<>();
  private int operations;
  private int bytes = OVERHEAD_BYTES;

  Draft(long seq, List<Head> closes) {
    this.seq = seq;
    this.closes = closes;
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

  boolean hasRoom(int moreOperations, int moreBytes, int operationsMax, int bytesMax) {
    return operations + moreOperations <= operationsMax && bytes + moreBytes <= bytesMax;
  }

  void add(Transaction transaction, int transactionBytes) {
    transactions.add(transaction);
    transaction.operations().forEach(operation -> keys.add(operation.path().key()));
    operations += transaction.operations().size();
    bytes += transactionBytes;
  }
}
