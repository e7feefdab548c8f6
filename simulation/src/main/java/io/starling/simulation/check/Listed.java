package io.starling.simulation.check;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import io.starling.replica.request.Outcome;
import io.starling.simulation.workload.Request;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// A space is what was written to it: nothing that was written to one is in another, be it a later
/// one of the same name, and none of it comes to who does not host the space. None goes that no
/// operator dropped, and one that was dropped is not opened again. At the end each node has just
/// the spaces that are listed and that it hosts, and nothing is left of those that were dropped.
///
/// What was created and dropped it takes from the operators, not from what nodes make of it.
final class Listed implements Check {

  private final Model model;
  private final World world;
  private final Workload workload;
  private final TreeSet<SpaceId> dropped = new TreeSet<>();
  private final TreeSet<String> droppedAt = new TreeSet<>();
  // By statements that were acknowledged.
  private final TreeMap<SpaceId, List<Request>> created = new TreeMap<>();
  private final TreeMap<SpaceId, List<Request>> ended = new TreeMap<>();
  private final Evaluations evaluations =
      new Evaluations("I21 each node has the spaces that are listed, each for itself");

  Listed(World world, Model model, Workload workload) {
    this.world = world;
    this.model = model;
    this.workload = workload;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void dropped(SimulatedSpace space) {
    evaluations.require(
        world.statements().isDropped(space.id()),
        () -> space + " is dropped, and nobody has said so");
    dropped.add(space.id());
    droppedAt.add(space.toString());
  }

  /// What a store of another moment says is what is said there.
  @Override
  public void restoring(SimulatedNode node, SimulatedNode.Backup backup) {
    var stored = node.hosting().stored();
    long had = stored.stream().filter(space -> backup.find(space).isPresent()).count();
    if (node != world.copy()) {
      count("spaces that an older store lacks", stored.size() - had);
      count("spaces that an older store brings back", backup.listed().all().size() - had);
    }
    forget(node);
  }

  /// News come again, in another order.
  @Override
  public void settingAside(SimulatedNode node) {
    count("spaces set aside", node.hosting().stored().size());
    forget(node);
  }

  @Override
  public void copied(SimulatedNode copy) {
    count("spaces copied", copy.hosting().stored().size());
    forget(copy);
  }

  @Override
  public void handedOver(SimulatedNode node) {
    count("spaces handed over", node.spaces().size() - 2L);
  }

  @Override
  public void lost(SimulatedNode node) {
    count("spaces lost", node.hosting().stored().size());
  }

  private void count(String what, long times) {
    if (times > 0) {
      world.counts().add(what, times);
    }
  }

  private void forget(SimulatedNode node) {
    droppedAt.removeIf(space -> space.startsWith(node + " "));
  }

  @Override
  public void opened(SimulatedSpace space) {
    evaluations.require(
        !droppedAt.contains(space.toString()), () -> space + " is opened, and was dropped there");
    evaluations.require(
        world.statements().isHost(space.node(), space.id()),
        () -> space + " is opened by who does not host it");
  }

  @Override
  public void received(SimulatedNode node, Message message) {
    evaluations.require(
        message instanceof Message.Pull || world.statements().isHost(node, message.space()),
        () -> node + " does not host what it gets: " + message);
  }

  @Override
  public void answered(SimulatedSpace space, long submission, Outcome outcome) {
    if (outcome instanceof Outcome.Committed && space.id().equals(world.systemId())) {
      workload
          .request(submission)
          .ifPresent(request -> {
            var statements = world.statements();
            statements.creates(request.mutations()).ifPresent(it -> note(created, it, request));
            statements.drops(request.mutations()).ifPresent(it -> note(ended, it, request));
          });
    }
  }

  private static void note(TreeMap<SpaceId, List<Request>> by, SpaceId space, Request request) {
    by.computeIfAbsent(space, _ -> new ArrayList<>()).add(request);
  }

  /// Whether one of the statements is on all nodes in the end.
  private boolean isSure(TreeMap<SpaceId, List<Request>> by, SpaceId space) {
    return !by.getOrDefault(space, List.of()).stream().allMatch(model::mayBeLost);
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    for (var effect : effects) {
      if (effect instanceof Effect.Applied(var signed, _, _)) {
        signed.batch().transactions().forEach(it -> requireAtHome(space, it.principal()));
        var author = signed.batch().replica().key();
        if (isListed(space) && space.node().revocations().isRevoked(author)) {
          world.counts().add("batches of evicted members in spaces that are listed");
        }
        if (event instanceof Event.Submitted && dropped.contains(space.id())) {
          world.counts().add("batches written where a drop was not heard of yet");
        }
      }
    }
  }

  private boolean isListed(SimulatedSpace space) {
    return !space.id().equals(world.systemId()) && !space.id().equals(world.mainId());
  }

  private void requireAtHome(SimulatedSpace space, String principal) {
    var request = workload.request(Request.id(principal));
    evaluations.require(
        request.filter(it -> !it.space().id().equals(space.id())).isEmpty(),
        () -> space + " applied " + principal + ", which was written elsewhere");
  }

  @Override
  public void converged(World converged) {
    world.statements().spaces().forEach(this::requireWhereItIsToBe);
    var digests = new TreeMap<String, String>();
    for (var node : world.remaining()) {
      evaluations.require(
          node.hosting().isSettled(),
          () -> node + " has " + node.hosting().stored() + " beside what it is to have");
      for (var space : node.spaces()) {
        var digest = space.status().digest() + " of " + space.status().cells();
        var other = digests.putIfAbsent(space.name(), digest);
        evaluations.require(
            other == null || other.equals(digest),
            () -> space + " has " + digest + ", another " + other);
        model.chronicle(space).entries().forEach(it -> requireOf(space, it));
      }
    }
  }

  private void requireWhereItIsToBe(SpaceId space) {
    var hosts = new ArrayList<SimulatedNode>();
    var there = new ArrayList<SimulatedNode>();
    for (var node : world.remaining()) {
      if (world.statements().isHost(node, space)) {
        hosts.add(node);
      }
      if (node.find(space).isPresent()) {
        there.add(node);
      }
    }
    boolean mayBeNowhere = !isSure(created, space) || world.statements().isDropped(space);
    boolean mayBeSomewhere = !isSure(ended, space);
    evaluations.require(
        (mayBeNowhere && there.isEmpty()) || (mayBeSomewhere && there.equals(hosts)),
        () -> space + " is at " + there + ", and its hosts are " + hosts);
  }

  private void requireOf(SimulatedSpace space, Chronicle.Entry entry) {
    evaluations.require(
        entry.batch().space().equals(space.id()),
        () -> space + " has " + entry.signed().head() + ", which is of another space");
  }
}
