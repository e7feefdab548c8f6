package io.starling.faults.history;

/// Who asked whom, and when.
///
/// @param session its calls follow each other
/// @param isOwed whether the node has to serve it by itself, if it runs and its disk works: it asks
///   for nothing that other nodes have given, and has the patience of a busy machine
/// @param invokedMillis since the beginning of the run
/// @param answeredMillis when it was answered or given up
public record Call(
    String session, String node, boolean isOwed, long invokedMillis, long answeredMillis) {

  @Override
  public String toString() {
    return "%s at %s, %d to %d ms".formatted(session, node, invokedMillis, answeredMillis);
  }
}
