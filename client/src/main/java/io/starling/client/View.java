package io.starling.client;

/// What is at a place with all that is known of it: types, concurrent values and who wrote them,
/// the shares of counters.
///
/// @param leaves typed values, as the contract has them
/// @param token the cut that was read
public record View(Place place, io.starling.proto.v1.View leaves, ReadToken token) {

  /// As [Reading#edit].
  public Transaction.Builder edit() {
    return Transaction.begin().context(token);
  }
}
