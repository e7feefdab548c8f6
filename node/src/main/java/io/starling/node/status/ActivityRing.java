package io.starling.node.status;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The batches that a node applied last, a bounded number. Safe to use from any thread.
public final class ActivityRing {

  /// Batches remembered.
  public static final int ENTRIES_MAX = 200;

  /// Keys shown of each.
  public static final int KEYS_MAX = 5;

  private final Deque<NodeStatus.Activity> entries = new ArrayDeque<>();

  public synchronized void add(NodeStatus.Activity activity) {
    if (entries.size() == ENTRIES_MAX) {
      entries.removeLast();
    }
    entries.addFirst(activity);
  }

  /// The latest first.
  public synchronized List<NodeStatus.Activity> latest() {
    return List.copyOf(entries);
  }
}
