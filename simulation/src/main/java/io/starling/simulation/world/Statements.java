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
import java.util.List;
import java.util.TreeMap;

/// What operators state of members, be it known anywhere or not: each is written to the `_system`
/// of some node and spreads from there.
public final class Statements {

  private final World world;
  private int revocations;
  private boolean isAnyMade;
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

  /// That is about to be stated.
  public void spaceMade() {
    isAnySpaceStated = true;
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
          new StoredSpace(space.disk().durable()).heads().stream().map(Origin::head).toList());
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
