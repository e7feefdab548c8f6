package io.starling.client;

import io.starling.client.link.CallFailure;
import io.starling.client.link.Node;
import java.io.Serial;

/// A transaction of which it is not known whether it was made: the answer of the node that took it
/// was lost, and that node did not answer again in time.
///
/// [Session#applyAgain] asks the same node again. To send [#transaction] by `apply` may reach a
/// node that has not heard of it, and make it twice.
public final class OutcomeUnknownException extends StarlingException {

  @Serial private static final long serialVersionUID = 1;

  private final transient Transaction transaction;
  private final transient Node node;

  OutcomeUnknownException(Transaction transaction, Node node, CallFailure last) {
    super(
        "it is not known whether "
            + node
            + " has made the transaction '"
            + transaction.key()
            + "' ("
            + last.getMessage()
            + "); ask there again with applyAgain",
        last);
    this.transaction = transaction;
    this.node = node;
  }

  /// What may have been made.
  public Transaction transaction() {
    return transaction;
  }

  /// Its idempotency key.
  public String key() {
    return transaction.key();
  }

  /// The address of the node that may have made it.
  public String node() {
    return node.toString();
  }

  Node where() {
    return node;
  }
}
