package io.starling.simulation.mutant;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Bugs about stores that are damaged and members that go.
final class StoreMutations {

  private StoreMutations() {}

  /// A row that cannot be read is taken for one that is not there.
  static Mutation takesUnreadableForAbsent() {
    return new Mutation() {
      @Override
      public Replica.Setup setup(Replica.Setup setup) {
        return with(setup, new Blind(setup.state()), setup.membership());
      }
    };
  }

  /// What is read of the log of a damaged store is thrown away.
  static Mutation discardsWhatIsRecovered() {
    return new Mutation() {
      @Override
      public Event event(Event event) {
        return event instanceof Event.Recovered ? new Event.Recovered(List.of()) : event;
      }
    };
  }

  /// Whoever was a member once is waited for as long as the process runs.
  static Mutation waitsForWhoeverWasThere() {
    return new Mutation() {
      @Override
      public Replica.Setup setup(Replica.Setup setup) {
        return with(setup, setup.state(), new Nostalgic(setup.membership(), new TreeSet<>()));
      }
    };
  }

  private static Replica.Setup with(Replica.Setup s, StatePort state, MembershipPort membership) {
    return new Replica.Setup(
        s.cluster(),
        s.space(),
        s.key(),
        s.entropy(),
        s.limits(),
        state,
        s.snapshots(),
        s.signer(),
        s.system(),
        membership,
        s.proof());
  }

  private record Nostalgic(MembershipPort port, TreeSet<KeyFingerprint> ever)
      implements MembershipPort {
    @Override
    public SortedSet<KeyFingerprint> members() {
      ever.addAll(port.members());
      return new TreeSet<>(ever);
    }
  }

  private record Blind(StatePort state) implements StatePort {
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      try {
        return state.get(table, key);
      } catch (StorageFailure unreadable) {
        return Optional.empty();
      }
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      state.scan(table, from, to, visitor);
    }
  }
}
