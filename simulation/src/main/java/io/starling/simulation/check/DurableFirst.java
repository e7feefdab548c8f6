package io.starling.simulation.check;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.request.Outcome;
import io.starling.simulation.world.SimulatedSpace;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a node tells anyone, a peer or a client, it has on disk.
final class DurableFirst implements Check {

  private final TreeMap<ChainHash, Token> asked = new TreeMap<>();
  // What liars have altered, too: whoever knows no hash of a batch any more takes its number.
  private final TreeSet<ChainHash> heard = new TreeSet<>();
  private final Evaluations evaluations = new Evaluations("I2 durable before sent or acknowledged");

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    if (event instanceof Event.Arrived(_, var messages)) {
      for (var message : messages) {
        if (message instanceof Message.Ask(_, var token)) {
          heard.add(Acknowledgement.hash(token));
        }
      }
    }
  }

  @Override
  public void sending(SimulatedSpace space, Message message) {
    switch (message) {
      case Message.Batches(_, var batches, _) -> {
        for (var batch : batches) {
          evaluations.require(
              space.ledger().has(batch),
              () -> space + " sends a batch that is not on its disk: " + batch.head());
        }
      }
      case Message.Announcement(var signed) -> {
        var beacon = signed.beacon();
        evaluations.require(
            beacon.head().seq() == 0
                || space
                    .ledger()
                    .has(beacon.author(), beacon.head().seq(), beacon.head().hash().first()),
            () -> space + " announces a head of its own that is not on its disk");
        beacon.moved().forEach(head -> requireDurable(space, head));
      }
      // What is held of an evicted member is not asked for again; a pull claims nothing to anybody.
      case Message.Pull(_, var have) ->
          have.heads().stream()
              .filter(head -> !space.node().revocations().isRevoked(head.replica().key()))
              .forEach(head -> requireDurable(space, head));
      case Message.Behind _, Message.Evidence _ -> {}
      case Message.Transferred(_, _, var transfer) -> {
        if (transfer instanceof Transfer.Offer offer) {
          offer.token().heads().forEach(head -> requireDurable(space, head));
        }
      }
      case Message.Ask(_, var token) -> {
        token.heads().forEach(head -> requireDurable(space, head));
        asked.put(Acknowledgement.hash(token), token);
      }
      case Message.Acknowledged(var signed) -> {
        var covered = signed.acknowledgement().covered();
        evaluations.require(
            heard.contains(covered), () -> space + " acknowledges what nobody has asked it for");
        Optional.ofNullable(asked.get(covered)).stream()
            .flatMap(token -> token.heads().stream())
            .forEach(head -> requireDurable(space, head));
      }
    }
  }

  @Override
  public void answered(SimulatedSpace space, long submission, Outcome outcome) {
    if (outcome instanceof Outcome.Committed(var token, _, _)) {
      token.heads().forEach(head -> requireDurable(space, head));
    }
  }

  private void requireDurable(SimulatedSpace space, Token.Prefix head) {
    evaluations.require(
        space.ledger().has(head.replica(), head.seq(), head.hash()),
        () -> space + " names a head that is not on its disk: " + head);
  }
}
