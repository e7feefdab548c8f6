package io.starling.simulation.mutant;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Bugs in what an engine sees: of its peers, its clients, its store, its clock, its entropy.
final class InputMutations {

  private InputMutations() {}

  /// Messages of a kind are never taken.
  static Mutation deafTo(Predicate<Message> kind) {
    return events(event ->
        event instanceof Event.Arrived(var peer, var messages)
            ? new Event.Arrived(peer, messages.stream().filter(kind.negate()).toList())
            : event);
  }

  /// What a client had read is forgotten: its edits act on all that the node has.
  static Mutation removesWithoutContext() {
    return events(event ->
        event instanceof Event.Submitted(var submissions)
            ? new Event.Submitted(
                submissions.stream()
                    .map(
                        s -> new Submission(s.id(), s.principal(), Optional.empty(), s.mutations()))
                    .toList())
            : event);
  }

  /// Every tenth transaction is acknowledged and not done.
  static Mutation swallowsWrites() {
    return new Mutation() {
      private final List<Long> swallowed = new ArrayList<>();

      @Override
      public Event event(Event event) {
        if (!(event instanceof Event.Submitted(var submissions))) {
          return event;
        }
        swallowed.clear();
        submissions.stream().map(Submission::id).filter(id -> id % 10 == 0).forEach(swallowed::add);
        return new Event.Submitted(
            submissions.stream().filter(s -> !swallowed.contains(s.id())).toList());
      }

      @Override
      public List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
        if (!(event instanceof Event.Submitted)) {
          return effects;
        }
        var all = new ArrayList<>(effects);
        Token token = status.token();
        swallowed.forEach(id -> all.add(new Effect.Answer(id, new Outcome.Committed(token, 1))));
        return all;
      }
    };
  }

  /// Whatever is asked about is acknowledged at once, applied or not.
  static Mutation acknowledgesUnseen() {
    return new Mutation() {
      private Optional<Replica.Setup> setup = Optional.empty();

      @Override
      public Replica.Setup setup(Replica.Setup given) {
        setup = Optional.of(given);
        return given;
      }

      @Override
      public List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
        if (!(event instanceof Event.Arrived(var peer, var messages))) {
          return effects;
        }
        var all = new ArrayList<>(effects);
        for (var message : messages) {
          if (message instanceof Message.Ask(var space, var token)
              && space.equals(setup.orElseThrow().space())) {
            all.add(new Effect.Send(List.of(peer), acknowledgement(token, status)));
          }
        }
        return all;
      }

      private Message acknowledgement(Token token, SpaceStatus status) {
        var of = setup.orElseThrow();
        var hash = Acknowledgement.hash(token);
        byte[] body = new Acknowledgement(of.space(), status.self(), hash, 1).toBytes();
        var signed = SigningDomain.acknowledgement(of.cluster(), of.space(), body);
        return new Message.Acknowledged(
            new SignedAcknowledgement(
                new Acknowledgement(of.space(), status.self(), hash, 1),
                body,
                of.signer().sign(signed)));
      }
    };
  }

  /// The same entropy at every start: an incarnation comes back to life.
  static Mutation fixedEntropy() {
    return setups(s ->
        new Replica.Setup(
            s.cluster(),
            s.space(),
            s.key(),
            new byte[s.entropy().length],
            s.limits(),
            s.state(),
            s.snapshots(),
            s.signer(),
            s.system(),
            s.membership(),
            s.proof()));
  }

  /// A clock that peers may push as far as they like.
  static Mutation unboundedDrift() {
    return limits(l ->
        new Limits(
            l.transactionOperations(),
            l.transactionBytes(),
            l.valueBytes(),
            l.clearedCells(),
            l.bufferedBatches(),
            l.pullBytes(),
            l.tick(),
            l.round(),
            Duration.ofDays(100_000),
            l.retention()));
  }

  /// A causal buffer without a bound.
  static Mutation unboundedBuffer() {
    return limits(l ->
        new Limits(
            l.transactionOperations(),
            l.transactionBytes(),
            l.valueBytes(),
            l.clearedCells(),
            Integer.MAX_VALUE,
            l.pullBytes(),
            l.tick(),
            l.round(),
            l.drift(),
            l.retention()));
  }

  /// A clock that is read five minutes ahead.
  static Mutation readsTheClockWrong() {
    return new Mutation() {
      @Override
      public Instant time(Instant now) {
        return now.plus(Duration.ofMinutes(5));
      }
    };
  }

  /// Cells are written as if none had been there: a merge that overwrites.
  static Mutation overwrites() {
    return setups(s ->
        new Replica.Setup(
            s.cluster(),
            s.space(),
            s.key(),
            s.entropy(),
            s.limits(),
            new Forgetful(s.state()),
            s.snapshots(),
            s.signer(),
            s.system(),
            s.membership(),
            s.proof()));
  }

  /// A reset takes back all that was counted, also what its author had not seen.
  static Changes resetTooMuch(Changes changes) {
    return new Changes(
        changes.fresh(), changes.writes().stream().map(InputMutations::resetTooMuch).toList());
  }

  private static Changes.Write resetTooMuch(Changes.Write write) {
    if (write.table() != Table.CELLS
        || write.value().isEmpty()
        || kind(write.key()) != CellKind.COUNTER) {
      return write;
    }
    try {
      var share =
          (Cell.Share) CellEncoding.decode(CellKind.COUNTER, write.value().get(), ReplicaForm.FULL);
      boolean wasReset = !share.reset().equals(Tally.NONE);
      var wrong = wasReset ? new Cell.Share(share.counted(), share.counted()) : share;
      return new Changes.Write(
          write.table(), write.key(), Optional.of(CellEncoding.encode(wrong, ReplicaForm.FULL)));
    } catch (MalformedException broken) {
      throw new AssertionError("a share that cannot be read", broken);
    }
  }

  static CellKind kind(byte[] cellKey) {
    try {
      return CellId.decode(cellKey, new AnyReplica()).kind();
    } catch (MalformedException broken) {
      throw new AssertionError("a cell name that cannot be read", broken);
    }
  }

  private static Mutation limits(UnaryOperator<Limits> change) {
    return setups(s ->
        new Replica.Setup(
            s.cluster(),
            s.space(),
            s.key(),
            s.entropy(),
            change.apply(s.limits()),
            s.state(),
            s.snapshots(),
            s.signer(),
            s.system(),
            s.membership(),
            s.proof()));
  }

  private static Mutation setups(UnaryOperator<Replica.Setup> change) {
    return new Mutation() {
      @Override
      public Replica.Setup setup(Replica.Setup setup) {
        return change.apply(setup);
      }
    };
  }

  private static Mutation events(UnaryOperator<Event> change) {
    return new Mutation() {
      @Override
      public Event event(Event event) {
        return change.apply(event);
      }
    };
  }

  /// A store's short numbers, read without its table.
  private record AnyReplica() implements ReplicaForm {
    @Override
    public void write(Encoder out, ReplicaId replica) {
      out.varint(replica.incarnation());
    }

    @Override
    public ReplicaId read(Decoder in) throws MalformedException {
      return new ReplicaId(new KeyFingerprint(0, 0), in.varint());
    }
  }

  /// Shows no register, ever.
  private record Forgetful(StatePort state) implements StatePort {
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      boolean hides = table == Table.CELLS && kind(key) == CellKind.REGISTER;
      return hides ? Optional.empty() : state.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      state.scan(table, from, to, visitor);
    }
  }
}
