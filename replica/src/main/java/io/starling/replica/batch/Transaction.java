package io.starling.replica.batch;

import io.starling.crdt.op.Operation;
import java.util.List;
import java.util.Optional;

/// Operations that are visible together or not at all, on every node.
///
/// @param principal who asked, as the author's node authenticated them; empty for the node itself
/// @param narrowed what its client had read, where that is less than its author's node had applied
/// @param request what its client calls it, if anything
/// @param operations at least one
public record Transaction(
    String principal,
    Narrowing narrowed,
    Optional<RequestKey> request,
    List<Operation> operations) {

  /// Longest principal in bytes of UTF-8.
  public static final int PRINCIPAL_BYTES_MAX = 128;

  /// One that its client did not name.
  public Transaction(String principal, Narrowing narrowed, List<Operation> operations) {
    this(principal, narrowed, Optional.empty(), operations);
  }

  public Transaction {
    operations = List.copyOf(operations);
    if (operations.isEmpty()) {
      throw new IllegalArgumentException("a transaction without an operation");
    }
  }
}
