package io.starling.replica.write;

import io.starling.replica.message.Token;
import io.starling.replica.state.SpaceState;

/// Whether a client's token is of the branch that is applied here. A number of another branch would
/// stand for batches that the client never read.
final class OwnBranch {

  private OwnBranch() {}

  static void require(SpaceState state, Token.Prefix head) throws Refusal {
    var here = state.origins().hash(head.replica(), head.seq());
    if (here.isPresent() && !head.matches(here.get())) {
      throw Refusal.invalid(
          "the token names another batch "
              + head.seq()
              + " of "
              + head.replica()
              + " than is applied here; read again");
    }
  }
}
