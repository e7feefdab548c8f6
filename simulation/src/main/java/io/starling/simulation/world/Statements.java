package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.membership.Revocation;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What operators state of members and of spaces, be it known anywhere or not: each is written to
/// the `_system` of some node and spreads from there.
public final class Statements {

  private final World world;
  private int revocations;
  private boolean isAnyMade;
  private final TreeMap<SpaceId, SpaceNotes> created = new TreeMap<>();
  private final TreeSet<SpaceId> dropped = new TreeSet<>();
  private final TreeSet<SpaceId> unnamed = new TreeSet<>();
  private final TreeMap<SpaceId, List<SortedSet<KeyFingerprint>>> hosts = new TreeMap<>();
  private boolean isAnySpaceStated;

  Statements(World world) {
    this.world = world;
  }

  /// Whether anything was ever stated.
  boolean isAnyMade() {
    return isAnyMade;
  }

  /// Something is about to be stated.
  void made() {
    isAnyMade = true;
  }

  /// Whether it was ever stated of a space that it is there.
  boolean isAnySpaceStated() {
    return isAnySpaceStated;
  }

  /// Whether it was ever stated of a space who is to host it.
  boolean isAnyHostStated() {
    return !hosts.isEmpty();
  }

  /// That is about to be stated, or that it is there no longer.
  ///
  /// @param notes by which the operator says so
  /// @param named who is to host it, if it is to be there; empty if that is not said
  /// @return what is to be written to `_system`
  public List<Mutation> turnOver(SpaceNotes notes, SortedSet<KeyFingerprint> named) {
    isAnySpaceStated = true;
    var id = id(notes);
    if (notes.isCreated()) {
      dropped.add(id);
      return notes.drop();
    }
    created.put(id, notes);
    note(id, named);
    return notes.create(named);
  }

  /// Who is to host a space is about to be stated.
  ///
  /// @param named nobody, if it is to be where spaces of the name are
  /// @return what is to be written to `_system`
  public List<Mutation> move(SpaceNotes notes, SortedSet<KeyFingerprint> named) {
    note(id(notes), named);
    return notes.move(named);
  }

  private void note(SpaceId id, SortedSet<KeyFingerprint> named) {
    if (!named.isEmpty() || hosts.containsKey(id)) {
      hosts.computeIfAbsent(id, _ -> new ArrayList<>()).add(named);
    }
    if (named.isEmpty()) {
      unnamed.add(id);
    }
  }

  /// Whether operators have ever named just those as the hosts of a space, or nobody.
  public boolean isEverNamed(SpaceId space, SortedSet<KeyFingerprint> named) {
    return named.isEmpty()
        ? unnamed.contains(space)
        : hosts.getOrDefault(space, List.of()).contains(named);
  }

  /// The spaces of which it was ever stated that they are there.
  public Collection<SpaceId> spaces() {
    return Collections.unmodifiableCollection(created.keySet());
  }

  /// Whether it was ever stated of a space that it is there no longer.
  public boolean isDropped(SpaceId space) {
    return dropped.contains(space);
  }

  /// Whether what is in a space is for a node, as its own `_system` says where operators have named
  /// hosts: that of `_system` and `main` is for all.
  public boolean isHost(SimulatedNode node, SpaceId space) {
    var stated = created.get(space);
    if (stated == null || !hosts.containsKey(space)) {
      return stated == null || isUsualHost(node, stated);
    }
    var notes = node.hosting().notes(stated.name());
    boolean isPresent = notes.isCreated() && notes.generation() == stated.generation();
    return isPresent && !notes.named().isEmpty()
        ? notes.named().contains(node.key())
        : isUsualHost(node, stated);
  }

  /// Whether an operator has ever stated that what is in a space is for a node, be it heard
  /// anywhere or not.
  public boolean isEverHost(SimulatedNode node, SpaceId space) {
    var stated = created.get(space);
    boolean isUsual =
        stated == null
            || ((!hosts.containsKey(space) || unnamed.contains(space))
                && isUsualHost(node, stated));
    return isUsual
        || hosts.getOrDefault(space, List.of()).stream().anyMatch(it -> it.contains(node.key()));
  }

  private boolean isUsualHost(SimulatedNode node, SpaceNotes notes) {
    return SpaceNotes.isHost(notes.name(), notes.generation(), world.keys().node(node.key()));
  }

  /// The space of which mutations state that it is there.
  public Optional<SpaceId> creates(List<Mutation> mutations) {
    return created.values().stream()
        .filter(it -> mutations.containsAll(it.create()))
        .findFirst()
        .map(this::id);
  }

  /// The space of which mutations state that it is there no longer.
  public Optional<SpaceId> drops(List<Mutation> mutations) {
    return created.values().stream().filter(it -> it.isDrop(mutations)).findFirst().map(this::id);
  }

  private SpaceId id(SpaceNotes notes) {
    return world.spaceId(notes.name(), notes.generation());
  }

  /// That nobody is to keep log for a member any more.
  public Mutation lapse(SimulatedNode member) {
    made();
    return HeardMembers.lapse(member);
  }

  /// That the key of a node is revoked, as far as another has not applied what it wrote.
  ///
  /// @return what is to be written to `_system`
  public Mutation revoke(SimulatedNode victim, SimulatedNode at) {
    var heads = new TreeMap<SpaceId, List<Head>>();
    for (var space : at.spaces()) {
      heads.put(
          space.id(),
          new StoredSpace(space.disk().untouched()).heads().stream().map(Origin::head).toList());
    }
    var millis = world.agenda().nowNanos() / 1_000_000;
    var revocation = Revocation.of(victim.key(), millis, heads);
    var text = Base64.getEncoder().encodeToString(revocation.toBytes());
    revocations++;
    made();
    return new Mutation.Set(revocation(revocations), new Value.Text(text), ReadRule.LATEST);
  }

  /// How many revocations were made.
  int revocations() {
    return revocations;
  }

  /// Where a revocation is written.
  static Path revocation(int number) {
    return Path.of("revoked/" + number);
  }
}
