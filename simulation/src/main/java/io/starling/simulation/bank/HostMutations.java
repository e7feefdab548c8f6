package io.starling.simulation.bank;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.hosting.Hosts;
import io.starling.replica.message.Token;
import java.util.Optional;

/// Bugs in what nodes make of who hosts a space.
final class HostMutations {

  private HostMutations() {}

  /// Who is taken off goes at once.
  static Hosts leavesAtOnce(Hosts hosts) {
    return new Hosts() {
      @Override
      public boolean isHost(KeyFingerprint member) {
        return hosts.isHost(member);
      }

      @Override
      public boolean mayGiveUp(
          KeyFingerprint self, Optional<Token> covered, Token applied, boolean isWhole) {
        return !isHost(self) && isWhole;
      }
    };
  }
}
