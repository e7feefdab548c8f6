package io.starling.client;

import io.starling.proto.v1.ScanResponse;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Function;

/// Entries, of which a page is asked for when the one before is used up. For one thread.
final class Pages implements Iterator<io.starling.proto.v1.Entry> {

  private final Function<String, ScanResponse> next;
  private final Queue<io.starling.proto.v1.Entry> page = new ArrayDeque<>();
  private String last = "";
  private boolean hasMore = true;

  /// @param next the page after a key; after the empty one, the first
  Pages(Function<String, ScanResponse> next) {
    this.next = next;
  }

  @Override
  public boolean hasNext() {
    while (page.isEmpty() && hasMore) {
      var answer = next.apply(last);
      page.addAll(answer.getEntriesList());
      hasMore = answer.getMore() && !page.isEmpty();
    }
    return !page.isEmpty();
  }

  @Override
  public io.starling.proto.v1.Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no more keys");
    }
    var entry = page.remove();
    last = entry.getKey();
    return entry;
  }
}
