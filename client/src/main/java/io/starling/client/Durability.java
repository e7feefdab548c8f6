package io.starling.client;

import java.util.List;

/// Where a write is known to be durable. It stands in any case, and spreads as ever.
///
/// @param isReached whether that is the level that was asked for
/// @param summary for people: "durable here and on 1 of 2 asked"
/// @param acknowledged members that have signed that they have it, the asked node first
/// @param missing members that were asked and have not answered
/// @param receipt what they signed, as JSON; `starling receipt verify` checks it without any node
public record Durability(
    boolean isReached,
    String summary,
    List<String> acknowledged,
    List<String> missing,
    String receipt) {

  static Durability of(io.starling.proto.v1.Durability message) {
    return new Durability(
        message.getReached(),
        message.getSummary(),
        List.copyOf(message.getAcknowledgedList()),
        List.copyOf(message.getMissingList()),
        message.getReceipt());
  }
}
