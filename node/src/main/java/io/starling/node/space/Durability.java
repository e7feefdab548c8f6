package io.starling.node.space;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import java.util.List;

/// Where something is known to be durable.
///
/// @param token what it is about
/// @param isReached whether the level that was asked for is
/// @param summary for people: `durable here and on 1 of 2 asked`
/// @param statements what members have signed, this node's own first
/// @param missing the names of those who were asked and have not answered
public record Durability(
    Token token,
    boolean isReached,
    String summary,
    List<Statement> statements,
    List<String> missing) {

  public Durability {
    statements = List.copyOf(statements);
    missing = List.copyOf(missing);
  }

  /// What a member has signed.
  ///
  /// @param certificate the DER form of the member's certificate, in Base64
  /// @param token what the statement is about: the token asked about, or a later one that covers it
  public record Statement(
      KeyFingerprint node,
      String name,
      String site,
      String certificate,
      Token token,
      SignedAcknowledgement signed) {}
}
