package io.starling.replica.request;

import io.starling.replica.message.Token;
import java.util.List;
import java.util.Optional;

/// A transaction that a client submits.
///
/// @param id names the request in the [Outcome]'s answer; unique among those outstanding
/// @param principal who asks
/// @param context the token of the read that the mutations answer to; empty if they answer to what
///   the node sees now
public record Submission(
    long id, String principal, Optional<Token> context, List<Mutation> mutations) {

  public Submission {
    mutations = List.copyOf(mutations);
  }
}
