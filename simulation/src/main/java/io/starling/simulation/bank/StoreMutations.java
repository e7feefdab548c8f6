package io.starling.simulation.bank;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
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
    return Mutation.ofSetup(s -> Setups.state(s, Blind::new));
  }

  /// What is read of the log of a damaged store is thrown away.
  static Mutation discardsWhatIsRecovered() {
    return Mutation.ofEvents(
        event -> event instanceof Event.Recovered ? new Event.Recovered(List.of()) : event);
  }

  /// Whoever was a member once is waited for as long as the process runs.
  static Mutation waitsForWhoeverWasThere() {
    return Mutation.ofSetup(
        s -> Setups.membership(s, members -> new Nostalgic(members, new TreeSet<>())));
  }

  /// Nothing is taken of whom `_system` does not name.
  static Mutation deafToStrangers() {
    return new Mutation() {
      private MembershipPort members = TreeSet::new;

      @Override
      public Replica.Setup setup(Replica.Setup setup) {
        members = setup.membership();
        return setup;
      }

      @Override
      public Event event(Event event) {
        boolean isStranger =
            event instanceof Event.Arrived(var peer, _) && !members.members().contains(peer);
        return isStranger ? new Event.Continue() : event;
      }
    };
  }

  /// A state that is taken over as a whole takes the place of cells that it has not.
  static Mutation losesWhatIsWrittenMeanwhile() {
    return EffectMutations.writes(changes ->
        changes.fresh() == Changes.Fresh.PROMOTED
            ? EffectMutations.only(changes, write -> write.table() != Table.CELLS)
            : changes);
  }

  /// A snapshot shows the state as it is now, not as it was.
  static Mutation fuzzySnapshots() {
    return Mutation.ofSetup(s -> Setups.snapshots(s, _ -> () -> new Fuzzy(s.state())));
  }

  private record Fuzzy(StatePort state) implements StateSnapshot {
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      return state.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      state.scan(table, from, to, visitor);
    }

    @Override
    public void close() {}
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
