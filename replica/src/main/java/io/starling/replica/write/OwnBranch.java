package io.starling.replica.write;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.message.Token;
import io.starling.replica.state.SpaceState;

/// Whether a client's token is of the branch that is applied here. A number of another branch would
/// stand for batches that the client never read.
final class OwnBranch {

  private OwnBranch() {}

  /// @param self the incarnation that writes here
  static void require(SpaceState state, ReplicaId self, Token.Prefix head) throws Refusal {
    var here = state.origins().hash(head.replica(), head.seq());
    if (here.isPresent() && !head.matches(here.get())) {
      throw Refusal.invalid(
          "the token names another batch "
              + head.seq()
              + " of "
              + head.replica()
              + " than is applied here; read again");
    }
    requireKnown(state, self, head);
  }

  /// A token that names more than this very incarnation has written is of before its machine was
  /// set back. What has lower numbers by now may be other batches: the token does not cover them.
  ///
  /// It is a client's word, so it does not end the incarnation.
  private static void requireKnown(SpaceState state, ReplicaId self, Token.Prefix head)
      throws Refusal {
    if (head.replica().equals(self) && head.seq() > state.origins().seq(self)) {
      throw Refusal.stale(
          "the token names batch "
              + head.seq()
              + " of "
              + self
              + ", which this node no longer has: its machine was set back to an earlier state;"
              + " read again");
    }
  }
}
