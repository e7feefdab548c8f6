package io.starling.simulation.world;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.membership.Revocation;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
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

  /// That is about to be stated, or that it is there no longer.
  ///
  /// @param notes by which the operator says so
  /// @return what is to be written to `_system`
  public List<Mutation> turnOver(SpaceNotes notes) {
    isAnySpaceStated = true;
    var id = id(notes);
    if (notes.isCreated()) {
      dropped.add(id);
      return notes.drop();
    }
    created.put(id, notes);
    return notes.create();
  }

  /// The spaces of which it was ever stated that they are there.
  public Collection<SpaceId> spaces() {
    return Collections.unmodifiableCollection(created.keySet());
  }

  /// Whether it was ever stated of a space that it is there no longer.
  public boolean isDropped(SpaceId space) {
    return dropped.contains(space);
  }

  /// Whether what is in a space is for a node: that of `_system` and `main` is for all.
  public boolean isHost(SimulatedNode node, SpaceId space) {
    return Optional.ofNullable(created.get(space))
        .map(it -> SpaceNotes.isHost(it.name(), it.generation(), world.keys().node(node.key())))
        .orElse(true);
  }

  /// The space of which mutations state that it is there.
  public Optional<SpaceId> creates(List<Mutation> mutations) {
    return created.values().stream()
        .filter(it -> it.create().equals(mutations))
        .findFirst()
        .map(this::id);
  }

  /// The space of which mutations state that it is there no longer.
  public Optional<SpaceId> drops(List<Mutation> mutations) {
    return created.values().stream()
        .filter(it -> it.drop().equals(mutations))
        .findFirst()
        .map(this::id);
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
