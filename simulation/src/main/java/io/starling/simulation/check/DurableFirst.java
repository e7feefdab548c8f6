package io.starling.simulation.check;

import io.starling.replica.batch.ChainHash;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.request.Outcome;
import io.starling.simulation.world.SimulatedSpace;
import java.util.Optional;
import java.util.TreeMap;

/// What a node tells anyone, a peer or a client, it has on disk.
final class DurableFirst implements Check {

  private final TreeMap<ChainHash, Token> asked = new TreeMap<>();
  private final Evaluations evaluations = new Evaluations("I2 durable before sent or acknowledged");

  @Override
  public Evaluations evaluations() {
    return evaluations;
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
        var token = Optional.ofNullable(asked.get(signed.acknowledgement().covered()));
        evaluations.require(
            token.isPresent(), () -> space + " acknowledges what nobody has asked it for");
        token.orElseThrow().heads().forEach(head -> requireDurable(space, head));
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
