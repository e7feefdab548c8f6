package io.starling.simulation.check;

import io.starling.replica.message.Message;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.Versions;
import io.starling.simulation.world.World;

/// Nothing is said in a form that some member does not read yet that the speaker knows of, whoever
/// hears it; and nobody hears what it cannot read.
final class Understood implements Check {

  private final World world;
  private final Evaluations evaluations =
      new Evaluations("I23 nothing is said in a form that some member cannot read");

  Understood(World world) {
    this.world = world;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void sending(SimulatedSpace space, Message message) {
    boolean isNewer = Versions.isNewer(message);
    if (isNewer && world.versions().areMixed()) {
      world.counts().add("messages in a newer form after an upgrade");
    }
    evaluations.require(
        !isNewer || world.remaining().stream().noneMatch(it -> isOlderAndKnown(it, space.node())),
        () -> space + " writes in a newer form, which not all read: " + message);
  }

  /// One that has just come does not know all, and says nothing to whom it does not know.
  private boolean isOlderAndKnown(SimulatedNode member, SimulatedNode to) {
    return world.versions().isOlder(member) && to.members().contains(member.key());
  }

  @Override
  public void received(SimulatedNode node, Message message) {
    if (world.versions().isOlder(node)) {
      world.counts().add("messages to nodes of the older version");
      evaluations.require(
          !Versions.isNewer(message), () -> node + " cannot read what it is sent: " + message);
    }
  }
}
