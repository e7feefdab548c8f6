package io.starling.client.link;

import java.util.List;
import java.util.Optional;

/// Which node is asked next when one has failed.
///
/// What may be done any number of times goes round. What may not, stays with the first node that
/// may have done it: that one knows its idempotency key, if it has.
public final class Route {

  private final List<Node> order;
  private final boolean mayRepeat;
  private int at;
  private int tries;
  private Optional<Node> doubted = Optional.empty();
  private boolean hasStayed;

  /// @param order not empty
  /// @param mayRepeat whether it does no harm if two nodes do it
  public Route(List<Node> order, boolean mayRepeat) {
    this.order = order;
    this.mayRepeat = mayRepeat;
  }

  /// Whom to ask now.
  public Node node() {
    return order.get(at % order.size());
  }

  /// How often everyone was asked; when staying, how often this one was.
  public int round() {
    return isInDoubt() && !mayRepeat ? tries : tries / order.size();
  }

  /// Whether some node may have done it.
  public boolean isInDoubt() {
    return doubted.isPresent();
  }

  /// The last node that may have done it.
  public Optional<Node> doubted() {
    return doubted;
  }

  /// The node failed; then `node` says whom to ask next.
  ///
  /// @param isUndone whether it certainly has done nothing
  public void failed(boolean isUndone) {
    tries++;
    boolean isFirstDoubt = !isUndone && !hasStayed;
    if (!isUndone) {
      doubted = Optional.of(node());
    }
    if (isFirstDoubt) {
      hasStayed = true;
    } else if (mayRepeat || !isInDoubt()) {
      at++;
      hasStayed = false;
    }
  }
}
