package io.starling.simulation.bank;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
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
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.port.Table;
import io.starling.replica.read.StoredSystem;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Bugs in what an engine sees: of its peers, its clients, its store, its clock, its entropy.
final class InputMutations {

  private InputMutations() {}

  /// Messages of a kind are never taken.
  static Mutation deafTo(Predicate<Message> kind) {
    return Mutation.ofEvents(event ->
        event instanceof Event.Arrived(var peer, var messages)
            ? new Event.Arrived(peer, messages.stream().filter(kind.negate()).toList())
            : event);
  }

  /// Of two batches with one number, the one that comes later is not taken.
  static Mutation keepsTheFirstHalf() {
    var first = new TreeMap<String, ChainHash>();
    return Mutation.ofEvents(event ->
        event instanceof Event.Arrived(var peer, var messages)
            ? new Event.Arrived(
                peer,
                messages.stream()
                    .filter(message -> !(message instanceof Message.Evidence))
                    .map(message -> withoutSecondHalves(message, first))
                    .toList())
            : event);
  }

  private static Message withoutSecondHalves(Message message, TreeMap<String, ChainHash> first) {
    if (!(message instanceof Message.Batches(var space, var batches, var part))) {
      return message;
    }
    var kept =
        batches.stream()
            .filter(signed -> {
              var place = signed.batch().replica() + ":" + signed.batch().seq();
              return first.merge(place, signed.hash(), (known, _) -> known).equals(signed.hash());
            })
            .toList();
    return new Message.Batches(space, kept, part);
  }

  /// What a client had read is forgotten: its edits act on all that the node has.
  static Mutation removesWithoutContext() {
    return Mutation.ofEvents(event ->
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
    return Mutation.ofSetup(s -> Setups.entropy(s, new byte[s.entropy().length]));
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

  /// Each tenth request is carried out twice, as after a retry that nobody recognised.
  static Mutation executesTwice() {
    return Mutation.ofEvents(event ->
        event instanceof Event.Submitted(var submissions)
            ? new Event.Submitted(
                submissions.stream()
                    .flatMap(s -> s.id() % 10 == 0 ? Stream.of(s, s) : Stream.of(s))
                    .toList())
            : event);
  }

  /// A peer that comes back is not noticed.
  static Mutation forgetsPeersThatReturn() {
    return new Mutation() {
      private final TreeSet<KeyFingerprint> known = new TreeSet<>();

      @Override
      public Event event(Event event) {
        return event instanceof Event.PeerUp(var peer) && !known.add(peer)
            ? new Event.PeerDown(peer)
            : event;
      }
    };
  }

  /// Two seconds after its start no timer does anything any more.
  static Mutation timersStop() {
    return new Mutation() {
      private Optional<Instant> begin = Optional.empty();
      private boolean isLate;

      @Override
      public Instant time(Instant now) {
        isLate = now.isAfter(begin.orElse(now).plus(Duration.ofSeconds(2)));
        begin = begin.or(() -> Optional.of(now));
        return now;
      }

      @Override
      public List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
        return isLate && event instanceof Event.Tick
            ? effects.stream().filter(Effect.Persist.class::isInstance).toList()
            : effects;
      }
    };
  }

  /// A batch of another space does not wait for what it names of `_system`.
  static Mutation doesNotWaitForSystem() {
    return Mutation.ofSetup(s -> Setups.system(s, Omniscient::new));
  }

  /// Of a key that was forked in `_system` any half will do: a name of it that is not known there
  /// is waited for no more.
  static Mutation deafToBranchesOfSystem() {
    return Mutation.ofSetup(s -> Setups.system(s, Plain::new));
  }

  /// Nobody is ever revoked.
  static Mutation deafToRevocations() {
    return Mutation.ofSetup(s -> Setups.membership(s, Deaf::new));
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
    return Mutation.ofSetup(s -> Setups.state(s, Forgetful::new));
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
    return Mutation.ofSetup(s -> Setups.limits(s, change));
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

  /// Says of everything that it is there.
  private record Omniscient(SystemPort port) implements SystemPort {
    @Override
    public VersionVector vector() {
      return port.vector();
    }

    @Override
    public boolean has(ReplicaId replica, long seq) {
      return true;
    }

    @Override
    public Optional<ChainHash> hash(ReplicaId replica, long seq) {
      return port.hash(replica, seq);
    }

    @Override
    public List<ChainHash> hashes(ReplicaId replica, long seq) {
      return port.hashes(replica, seq);
    }
  }

  /// Knows of branches no more than that they are there.
  private record Plain(SystemPort port) implements SystemPort {
    @Override
    public VersionVector vector() {
      return port.vector();
    }

    @Override
    public boolean has(ReplicaId replica, long seq) {
      return port.has(replica, seq) || mayBeBranch(replica);
    }

    private boolean mayBeBranch(ReplicaId replica) {
      var vector = port.vector();
      return !vector.contains(replica)
          && vector.entries().stream()
              .map(VersionVector.Entry::replica)
              .anyMatch(it -> it.key().equals(replica.key()) && isBranch(it));
    }

    private boolean isBranch(ReplicaId replica) {
      return port instanceof StoredSystem(var state)
          && new StoredSpace(state).branches().find(replica).isPresent();
    }

    @Override
    public Optional<ChainHash> hash(ReplicaId replica, long seq) {
      return port.hash(replica, seq);
    }

    @Override
    public List<ChainHash> hashes(ReplicaId replica, long seq) {
      return port.hash(replica, seq).stream().toList();
    }
  }

  private record Deaf(MembershipPort port) implements MembershipPort {
    @Override
    public SortedSet<KeyFingerprint> members() {
      return port.members();
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
