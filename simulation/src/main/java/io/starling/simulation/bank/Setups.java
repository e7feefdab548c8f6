package io.starling.simulation.bank;

import io.starling.replica.Replica;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import java.util.function.UnaryOperator;

/// What an engine is made of, but for one part.
final class Setups {

  private Setups() {}

  static Replica.Setup entropy(Replica.Setup s, byte[] entropy) {
    return new Replica.Setup(
        s.cluster(),
        s.space(),
        s.key(),
        entropy,
        s.limits(),
        s.state(),
        s.snapshots(),
        s.signer(),
        s.system(),
        s.membership(),
        s.proof());
  }

  static Replica.Setup limits(Replica.Setup s, UnaryOperator<Limits> change) {
    return new Replica.Setup(
        s.cluster(),
        s.space(),
        s.key(),
        s.entropy(),
        change.apply(s.limits()),
        s.state(),
        s.snapshots(),
        s.signer(),
        s.system(),
        s.membership(),
        s.proof());
  }

  static Replica.Setup state(Replica.Setup s, UnaryOperator<StatePort> change) {
    return new Replica.Setup(
        s.cluster(),
        s.space(),
        s.key(),
        s.entropy(),
        s.limits(),
        change.apply(s.state()),
        s.snapshots(),
        s.signer(),
        s.system(),
        s.membership(),
        s.proof());
  }

  static Replica.Setup snapshots(Replica.Setup s, UnaryOperator<SnapshotPort> change) {
    return new Replica.Setup(
        s.cluster(),
        s.space(),
        s.key(),
        s.entropy(),
        s.limits(),
        s.state(),
        change.apply(s.snapshots()),
        s.signer(),
        s.system(),
        s.membership(),
        s.proof());
  }

  static Replica.Setup system(Replica.Setup s, UnaryOperator<SystemPort> change) {
    return new Replica.Setup(
        s.cluster(),
        s.space(),
        s.key(),
        s.entropy(),
        s.limits(),
        s.state(),
        s.snapshots(),
        s.signer(),
        s.system().map(change),
        s.membership(),
        s.proof());
  }

  static Replica.Setup membership(Replica.Setup s, UnaryOperator<MembershipPort> change) {
    return new Replica.Setup(
        s.cluster(),
        s.space(),
        s.key(),
        s.entropy(),
        s.limits(),
        s.state(),
        s.snapshots(),
        s.signer(),
        s.system(),
        change.apply(s.membership()),
        s.proof());
  }
}
