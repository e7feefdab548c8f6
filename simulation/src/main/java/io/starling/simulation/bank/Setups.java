package io.starling.simulation.bank;

import io.starling.replica.Replica;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What an engine is made of, but for one part.
final class Setups {

  private Setups() {}

  static Replica.Setup entropy(Replica.Setup s, byte[] entropy) {
    return of(s, entropy, s.limits(), s.state(), s.snapshots(), s.system(), s.membership());
  }

  static Replica.Setup limits(Replica.Setup s, UnaryOperator<Limits> change) {
    var limits = change.apply(s.limits());
    return of(s, s.entropy(), limits, s.state(), s.snapshots(), s.system(), s.membership());
  }

  static Replica.Setup state(Replica.Setup s, UnaryOperator<StatePort> change) {
    var state = change.apply(s.state());
    return of(s, s.entropy(), s.limits(), state, s.snapshots(), s.system(), s.membership());
  }

  static Replica.Setup snapshots(Replica.Setup s, UnaryOperator<SnapshotPort> change) {
    var snapshots = change.apply(s.snapshots());
    return of(s, s.entropy(), s.limits(), s.state(), snapshots, s.system(), s.membership());
  }

  static Replica.Setup system(Replica.Setup s, UnaryOperator<SystemPort> change) {
    var system = s.system().map(change);
    return of(s, s.entropy(), s.limits(), s.state(), s.snapshots(), system, s.membership());
  }

  static Replica.Setup membership(Replica.Setup s, UnaryOperator<MembershipPort> change) {
    var membership = change.apply(s.membership());
    return of(s, s.entropy(), s.limits(), s.state(), s.snapshots(), s.system(), membership);
  }

  private static Replica.Setup of(
      Replica.Setup s,
      byte[] entropy,
      Limits limits,
      StatePort state,
      SnapshotPort snapshots,
      Optional<SystemPort> system,
      MembershipPort membership) {
    return new Replica.Setup(
        s.cluster(),
        s.space(),
        s.key(),
        entropy,
        limits,
        state,
        snapshots,
        s.signer(),
        system,
        membership,
        s.proof());
  }
}
