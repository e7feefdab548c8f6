package io.starling.replica.request;

import io.starling.replica.message.Token;
import java.util.List;
import java.util.Optional;

/// A request with the number that its answer will carry.
///
/// @param id unique among those outstanding
public record Submission(long id, Request request) {

  /// One without a name and a condition.
  public Submission(long id, String principal, Optional<Token> context, List<Mutation> mutations) {
    this(id, new Request(principal, context, mutations));
  }

  public String principal() {
    return request.principal();
  }

  public Optional<Token> context() {
    return request.context();
  }

  public List<Mutation> mutations() {
    return request.mutations();
  }
}
