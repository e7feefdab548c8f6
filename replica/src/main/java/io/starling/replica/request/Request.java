package io.starling.replica.request;

import io.starling.replica.batch.RequestKey;
import io.starling.replica.message.Token;
import java.util.List;
import java.util.Optional;

/// A transaction as a client asks for it.
///
/// @param principal who asks
/// @param key what the client calls it; what was made under that name already is not made again
/// @param context the token of the read that the mutations answer to; empty if they answer to what
///   the node sees now
/// @param unchangedSince it is refused if a key that it names has changed here since this token
public record Request(
    String principal,
    Optional<RequestKey> key,
    Optional<Token> context,
    Optional<Token> unchangedSince,
    List<Mutation> mutations) {

  public Request {
    mutations = List.copyOf(mutations);
  }

  /// One without a name and a condition.
  public Request(String principal, Optional<Token> context, List<Mutation> mutations) {
    this(principal, Optional.empty(), context, Optional.empty(), mutations);
  }
}
