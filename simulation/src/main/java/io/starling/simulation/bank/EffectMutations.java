package io.starling.simulation.bank;

import io.starling.crdt.cell.CellKind;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import io.starling.replica.request.Outcome;
import io.starling.replica.status.SpaceStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Bugs in what an engine wants done: what it leaves out, does twice, or does in the wrong order.
final class EffectMutations {

  private EffectMutations() {}

  /// Effects of a kind come before everything else.
  static Mutation first(Predicate<Effect> kind) {
    return Mutation.ofEffects(effects -> {
      var early = new ArrayList<>(effects.stream().filter(kind).toList());
      effects.stream().filter(kind.negate()).forEach(early::add);
      return early;
    });
  }

  /// Effects of a kind never happen.
  static Mutation without(Predicate<Effect> kind) {
    return Mutation.ofEffects(effects -> effects.stream().filter(kind.negate()).toList());
  }

  /// Effects of a kind happen several times.
  static Mutation repeated(int times, Predicate<Effect> kind) {
    return Mutation.ofEffects(effects -> {
      var all = new ArrayList<Effect>();
      for (var effect : effects) {
        all.addAll(Collections.nCopies(kind.test(effect) ? times : 1, effect));
      }
      return all;
    });
  }

  /// Of each write, the vector and the log become durable first and the rest after.
  static Mutation vectorBeforeCells() {
    return Mutation.ofEffects(effects -> {
      var all = new ArrayList<Effect>();
      for (var effect : effects) {
        if (effect instanceof Effect.Persist(var changes)) {
          all.add(new Effect.Persist(only(changes, EffectMutations::isVectorOrLog)));
          all.add(new Effect.Persist(only(changes, write -> !isVectorOrLog(write))));
        } else {
          all.add(effect);
        }
      }
      return all;
    });
  }

  /// Every so many writes of a kind are left out.
  static Mutation loses(int every, Predicate<Changes.Write> kind) {
    var count = new int[1];
    return writes(changes -> only(changes, write -> !kind.test(write) || ++count[0] % every != 0));
  }

  /// Changes what is written.
  static Mutation writes(UnaryOperator<Changes> change) {
    return Mutation.ofEffects(effects ->
        effects.stream()
            .map(effect ->
                effect instanceof Effect.Persist(var changes)
                    ? new Effect.Persist(change.apply(changes))
                    : effect)
            .toList());
  }

  /// Each seventh batch of a replica is sent to nobody.
  static Mutation withholds() {
    return Mutation.ofEffects(effects ->
        effects.stream()
            .map(effect ->
                effect instanceof Effect.Send(var peers, Message.Batches batches)
                    ? new Effect.Send(peers, withholding(batches))
                    : effect)
            .toList());
  }

  private static Message withholding(Message.Batches message) {
    var sent = message.batches().stream().filter(it -> it.batch().seq() % 7 != 0).toList();
    return new Message.Batches(message.space(), sent, message.part());
  }

  /// Every fifth cell that is given to one that takes over state is left out.
  static Mutation leavesCellsOut() {
    var count = new int[1];
    return Mutation.ofEffects(effects ->
        effects.stream()
            .map(effect ->
                effect
                        instanceof
                        Effect.Send(
                            var peers,
                            Message.Transferred(var space, var session, Transfer.Page page))
                    ? new Effect.Send(
                        peers, new Message.Transferred(space, session, withoutCells(page, count)))
                    : effect)
            .toList());
  }

  private static Transfer.Page withoutCells(Transfer.Page page, int[] count) {
    var rows =
        page.rows().stream()
            .filter(row -> !(row instanceof Transfer.Row.CellRow) || ++count[0] % 5 != 0)
            .toList();
    return new Transfer.Page(page.page(), rows, page.isLast(), page.bytes());
  }

  /// An acknowledgement names the state before the write.
  static Mutation acknowledgesWithTheTokenBefore() {
    return new Mutation() {
      private Optional<Token> before = Optional.empty();

      @Override
      public List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
        var old = before.orElse(status.token());
        before = Optional.of(status.token());
        return effects.stream()
            .map(effect ->
                effect instanceof Effect.Answer(long id, Outcome.Committed(_, int operations, _))
                    ? new Effect.Answer(id, new Outcome.Committed(old, operations))
                    : effect)
            .toList();
      }
    };
  }

  /// What was applied is told in the wrong order.
  static Mutation appliesBackwards() {
    return Mutation.ofEffects(effects -> {
      var applied =
          new ArrayDeque<>(effects.stream().filter(Effect.Applied.class::isInstance).toList());
      return effects.stream()
          .map(effect -> effect instanceof Effect.Applied ? applied.removeLast() : effect)
          .toList();
    });
  }

  /// A register that is there keeps what it has: who comes first wins, on each node another.
  static Mutation firstComesFirstServed() {
    return new Mutation() {
      private Optional<StatePort> state = Optional.empty();

      @Override
      public Replica.Setup setup(Replica.Setup setup) {
        state = Optional.of(setup.state());
        return setup;
      }

      @Override
      public List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
        return event instanceof Event.Arrived
            ? effects.stream()
                .map(effect ->
                    effect instanceof Effect.Persist(var changes)
                        ? new Effect.Persist(only(changes, write -> !isThere(write)))
                        : effect)
                .toList()
            : effects;
      }

      private boolean isThere(Changes.Write write) {
        return write.table() == Table.CELLS
            && InputMutations.kind(write.key()) == CellKind.REGISTER
            && state.orElseThrow().get(Table.CELLS, write.key()).isPresent();
      }
    };
  }

  /// All that is said goes to one peer.
  static Mutation cliquish() {
    return Mutation.ofEffects(effects ->
        effects.stream()
            .map(effect ->
                effect instanceof Effect.Send(var peers, var message)
                    ? new Effect.Send(
                        peers.stream().sorted().limit(peers.size() > 1 ? 1 : 0).toList(), message)
                    : effect)
            .toList());
  }

  /// Requests are refused while no peer is in reach.
  static Mutation needsAPeer() {
    return new Mutation() {
      @Override
      public List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
        boolean isAlone = status.peers().stream().noneMatch(SpaceStatus.PeerStatus::isUp);
        return !isAlone || !(event instanceof Event.Submitted(var submissions))
            ? effects
            : submissions.stream()
                .<Effect>map(submission ->
                    new Effect.Answer(
                        submission.id(),
                        new Outcome.Refused(Outcome.Reason.UNAVAILABLE, "no peer in reach")))
                .toList();
      }
    };
  }

  /// Every tenth request is refused, as if a limit had been reached.
  static Mutation refusesWithoutReason() {
    return Mutation.ofEffects(effects -> {
      var changed = new ArrayList<Effect>();
      for (var effect : effects) {
        boolean isDue =
            effect instanceof Effect.Answer(long id, Outcome.Committed(_, int operations, _))
                && id % 10 == 0
                && operations == 0;
        changed.add(isDue ? exhausted((Effect.Answer) effect) : effect);
      }
      return changed;
    });
  }

  private static Effect exhausted(Effect.Answer answer) {
    return new Effect.Answer(
        answer.submission(),
        new Outcome.Refused(Outcome.Reason.RESOURCE_EXHAUSTED, "over a limit that is none"));
  }

  /// A pull never names closed replicas, though the peer may not know them closed.
  static Mutation leavesClosedReplicasOut() {
    return new Mutation() {
      @Override
      public List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
        return effects.stream()
            .map(effect ->
                effect instanceof Effect.Send(var peers, Message.Pull pull)
                    ? new Effect.Send(peers, new Message.Pull(pull.space(), status.token()))
                    : effect)
            .toList();
      }
    };
  }

  static boolean isBatches(Effect effect) {
    return effect instanceof Effect.Send(_, Message.Batches _);
  }

  static boolean isPull(Effect effect) {
    return effect instanceof Effect.Send(_, Message.Pull _);
  }

  private static boolean isVectorOrLog(Changes.Write write) {
    return write.table() == Table.META || write.table() == Table.LOG;
  }

  static Changes only(Changes changes, Predicate<Changes.Write> kept) {
    return new Changes(changes.fresh(), changes.writes().stream().filter(kept).toList());
  }
}
