package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocations;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.port.Table;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// A few replicas in memory whose messages are delivered when the test says so.
public final class Cluster {

  static final ClusterId ID = new ClusterId(1, 2);
  static final SpaceId MAIN = SpaceId.of(ID, SpaceId.MAIN, 0);

  public final List<Member> members = new ArrayList<>();
  public final List<Effect.Alarm> alarms = new ArrayList<>();

  /// Told of every batch that a member has applied.
  BiConsumer<Member, Effect.Applied> watcher = (_, _) -> {};

  /// Whether those that open from now on take over nothing that is not confirmed.
  Proof proof = Proof.NEEDED;

  /// The newest version of what is said between peers that all have announced to read.
  int peerForm = TransferEncoding.BRANCHES_FORM;

  /// The newest format of batches that all have announced to read.
  int batchFormat = BatchEncoding.FORMAT;

  private final Limits limits;
  private long nowMillis = 1_700_000_000_000L;

  Cluster(int size) {
    this(size, Limits.DEFAULT);
  }

  Cluster(int size, Limits limits) {
    this.limits = limits;
    for (int i = 0; i < size; i++) {
      members.add(new Member(i));
    }
    connectAll();
  }

  private SortedSet<KeyFingerprint> keys() {
    return members.stream().map(it -> it.key).collect(Collectors.toCollection(TreeSet::new));
  }

  public Member member(int index) {
    return members.get(index);
  }

  public void connectAll() {
    for (var a : members) {
      for (var b : members) {
        if (a != b) {
          a.on(new Event.PeerUp(b.key));
        }
      }
    }
  }

  /// Delivers one message in flight, any but the first perhaps, and perhaps more than once.
  public void deliverSome(Random random) {
    var waiting = members.stream().filter(member -> !member.inbox.isEmpty()).toList();
    if (waiting.isEmpty()) {
      return;
    }
    var member = waiting.get(random.nextInt(waiting.size()));
    var inbox = new ArrayList<>(member.inbox);
    var next = inbox.remove(random.nextInt(inbox.size()));
    boolean isRepeated = random.nextInt(4) == 0;
    if (isRepeated) {
      inbox.add(next);
    }
    member.inbox.clear();
    member.inbox.addAll(inbox);
    member.on(new Event.Arrived(next.from, List.of(next.message.read())));
  }

  /// Loses each message in flight with one chance in three.
  public void loseSome(Random random) {
    members.forEach(member -> member.inbox.removeIf(_ -> random.nextInt(3) == 0));
  }

  /// Loses what is in flight.
  public void loseAll() {
    members.forEach(member -> member.inbox.clear());
  }

  public List<Effect.Kind> alarmKinds() {
    return alarms.stream().map(Effect.Alarm::kind).toList();
  }

  /// Delivers one message to a member, or lets one work or all hear that time has passed, if
  /// nothing else is to be done.
  void step() {
    for (var member : members) {
      if (member.hasWork) {
        member.hasWork = false;
        member.on(new Event.Continue());
        return;
      }
      var next = member.inbox.poll();
      if (next != null) {
        member.on(new Event.Arrived(next.from, List.of(next.message.read())));
        return;
      }
    }
    tick();
  }

  /// Delivers everything in flight, and what follows from it.
  public void deliverAll() {
    boolean isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (var member : members) {
        while (!member.inbox.isEmpty() || member.hasWork) {
          isMoving = true;
          if (member.hasWork) {
            member.hasWork = false;
            member.on(new Event.Continue());
            continue;
          }
          var next = member.inbox.poll();
          member.on(new Event.Arrived(next.from, List.of(next.message.read())));
        }
      }
    }
  }

  /// Lets all hear that time has passed.
  private void tick() {
    nowMillis += limits.tick().toMillis();
    members.forEach(member -> member.on(new Event.Tick()));
  }

  /// Lets rounds pass, delivering all.
  public void rounds(int count) {
    long ticks = count * (limits.round().toMillis() / limits.tick().toMillis());
    for (long i = 0; i < ticks; i++) {
      tick();
      deliverAll();
    }
  }

  public void pass(long millis) {
    nowMillis += millis;
  }

  /// Starts a copy of a member's store beside it, with its key.
  public Member cloneOf(Member original) {
    var clone = new Member(original.key, original.state.copy(), 100);
    members.add(clone);
    connectAll();
    return clone;
  }

  /// A member that is in nobody's reach, and hears what the test tells it.
  Member beside() {
    return beside(999);
  }

  Member beside(int index) {
    return new Member(index);
  }

  /// The members, without those of whom one has heard that they are revoked.
  private final class Membership implements MembershipPort {
    private final Member member;

    private Membership(Member member) {
      this.member = member;
    }

    @Override
    public SortedSet<KeyFingerprint> members() {
      var keys = keys();
      keys.removeAll(revocations().keys());
      return keys;
    }

    @Override
    public int peerForm(List<KeyFingerprint> reachable) {
      return peerForm;
    }

    @Override
    public int batchFormat(List<KeyFingerprint> reachable) {
      return batchFormat;
    }

    @Override
    public Revocations revocations() {
      return member.revocations;
    }
  }

  /// Counts the rows that are read.
  private record Counting(StatePort state, AtomicLong reads) implements StatePort {
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      reads.incrementAndGet();
      return state.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      state.scan(
          table,
          from,
          to,
          (key, value) -> {
            reads.incrementAndGet();
            return visitor.visit(key, value);
          });
    }
  }

  record InFlight(KeyFingerprint from, Message message) {}

  public final class Member {
    public final KeyFingerprint key;
    public MemoryState state;
    public final Deque<InFlight> inbox = new ArrayDeque<>();
    public final TreeMap<Long, Outcome> answers = new TreeMap<>();
    public final List<Effect> effects = new ArrayList<>();

    /// Rows of the store that the engine has read.
    final AtomicLong reads = new AtomicLong();

    Optional<SystemPort> system = Optional.empty();
    boolean isCutOff;

    /// Messages go between members of one side only.
    public int side;

    /// What it has heard of revocations.
    public Revocations revocations = Revocations.NONE;

    UnaryOperator<Message> forgery = UnaryOperator.identity();
    long clockSkewMillis;
    private int starts;
    boolean hasWork;
    private long submissions;
    Replica replica;

    Member(int index) {
      this(new KeyFingerprint(index + 1L, index + 1L), new MemoryState(), 0);
    }

    Member(KeyFingerprint key, MemoryState state, int starts) {
      this.key = key;
      this.state = state;
      this.starts = starts;
      restart();
    }

    public void restart() {
      starts++;
      restartAsBefore();
    }

    /// Opens the replica with the entropy of its last start, as a machine does that is thrown back
    /// with its memory.
    public void restartAsBefore() {
      var entropy = new byte[32];
      ByteBuffer.wrap(entropy).putLong(key.high()).putInt(starts);
      inbox.clear();
      replica =
          Replica.open(
              new Replica.Setup(
                  ID,
                  MAIN,
                  key,
                  entropy,
                  limits,
                  new Counting(state, reads),
                  state,
                  _ -> new byte[64],
                  system,
                  new Membership(this),
                  proof),
              now());
    }

    /// The statement against a member that leaves what is applied here.
    public Revocation revocation(Member revoked) {
      var heads = new StoredSpace(state).heads().stream().map(Origin::head).toList();
      return Revocation.of(revoked.key, nowMillis, new TreeMap<>(Map.of(MAIN, heads)));
    }

    /// Hears of revocations, beside those of which it has heard.
    public void hear(Revocation... more) {
      var all = new ArrayList<>(List.of(more));
      revocations.byKey().values().forEach(all::addAll);
      revocations = Revocations.of(all);
      on(new Event.SystemAdvanced());
    }

    /// Has what is held of a revoked member stand.
    ///
    /// @return how many batches that were
    public int adopt(Member revoked) {
      on(new Event.Adopting(++submissions, revoked.key));
      return ((Outcome.Committed) Optional.ofNullable(answers.get(submissions)).orElseThrow())
          .operations();
    }

    /// Takes the bodies and hashes of all batches away.
    void loseLog() {
      var gone = new ArrayList<Changes.Write>();
      state.scan(
          Table.LOG,
          new byte[0],
          new byte[0],
          (key, _) -> gone.add(new Changes.Write(Table.LOG, key.clone(), Optional.empty())));
      state.persist(new Changes(gone));
    }

    /// Takes the first batches of a replica away.
    void loseLog(ReplicaId lost, long upTo) {
      int number = new StoredSpace(state).head(lost).orElseThrow().number();
      var gone = new ArrayList<Changes.Write>();
      for (long seq = 1; seq <= upTo; seq++) {
        byte[] key = new Encoder(16).u32(number).u64(seq).toBytes();
        gone.add(new Changes.Write(Table.LOG, key, Optional.empty()));
      }
      state.persist(new Changes(gone));
    }

    public Instant now() {
      return Instant.ofEpochMilli(nowMillis + clockSkewMillis);
    }

    /// Takes an event and carries out what follows from it.
    ///
    /// @return the effects
    public List<Effect> on(Event event) {
      var following = replica.on(event, now());
      for (var effect : following) {
        effects.add(effect);
        switch (effect) {
          case Effect.Persist(var changes) -> state.persist(changes);
          case Effect.Answer(long id, var outcome) -> answers.put(id, outcome);
          case Effect.Send(var peers, var message) -> send(peers, message);
          case Effect.Applied one -> watcher.accept(this, one);
          case Effect.Alarm alarm -> alarms.add(alarm);
          case Effect.Acknowledged _, Effect.Adopted _, Effect.Damaged _ -> {}
          case Effect.Again() -> hasWork = true;
        }
      }
      return following;
    }

    /// Takes a message of another member, real or forged.
    public List<Effect> hear(Member from, Message message) {
      return on(new Event.Arrived(from.key, List.of(message)));
    }

    public List<Effect> hear(Member from, SignedBatch... batches) {
      return hear(from, new Message.Batches(MAIN, List.of(batches), Message.Part.FRESH));
    }

    /// The batches applied since the test began, in order.
    public List<SignedBatch> applied() {
      return effects.stream()
          .filter(Effect.Applied.class::isInstance)
          .map(effect -> ((Effect.Applied) effect).batch())
          .toList();
    }

    /// The last batch it wrote.
    public SignedBatch last() {
      return applied().reversed().stream()
          .filter(batch -> batch.batch().replica().key().equals(key))
          .findFirst()
          .orElseThrow();
    }

    /// The messages that were sent since the test began, whether they came through or not.
    <M extends Message> List<M> sent(Class<M> kind) {
      return effects.stream()
          .filter(Effect.Send.class::isInstance)
          .map(effect -> ((Effect.Send) effect).message())
          .filter(kind::isInstance)
          .map(kind::cast)
          .toList();
    }

    public ReplicaId self() {
      return status().self();
    }

    private void send(List<KeyFingerprint> peers, Message honest) {
      var message = forgery.apply(honest);
      for (var member : members) {
        boolean isAddressed = member != this && peers.contains(member.key);
        if (isAddressed && side == member.side && !isCutOff && !member.isCutOff) {
          member.inbox.add(new InFlight(key, message));
        }
      }
    }

    public Outcome submit(Optional<Token> context, Mutation... mutations) {
      return submit(List.of(new Submission(0, "test", context, List.of(mutations)))).getFirst();
    }

    /// Submits together; ids are given anew.
    public List<Outcome> submit(List<Submission> together) {
      long first = submissions + 1;
      var numbered = new ArrayList<Submission>();
      for (var s : together) {
        numbered.add(new Submission(++submissions, s.request()));
      }
      on(new Event.Submitted(numbered));
      var outcomes = new ArrayList<Outcome>();
      for (long id = first; id <= submissions; id++) {
        outcomes.add(Optional.ofNullable(answers.get(id)).orElseThrow());
      }
      return outcomes;
    }

    public Outcome.Committed commit(Mutation... mutations) {
      return (Outcome.Committed) submit(Optional.empty(), mutations);
    }

    /// Commits what answers to an earlier read.
    public Outcome.Committed commitAt(Token read, Mutation... mutations) {
      return (Outcome.Committed) submit(Optional.of(read), mutations);
    }

    public Outcome.Refused refused(Mutation... mutations) {
      return (Outcome.Refused) submit(Optional.empty(), mutations);
    }

    public SpaceReader reader() {
      return new SpaceReader(MAIN, state);
    }

    public View view(String key) {
      return reader().view(Path.of(key), 1_000);
    }

    public Value value(String key) {
      return view(key).toValue();
    }

    public SpaceStatus status() {
      return replica.status();
    }
  }

  public static Mutation set(String key, String value) {
    return new Mutation.Set(Path.of(key), new Value.Text(value), ReadRule.LATEST);
  }

  public static Mutation add(String key, String element) {
    return new Mutation.AddElement(Path.of(key), new Value.Text(element));
  }

  public static Mutation increment(String key, long amount) {
    return new Mutation.Increment(Path.of(key), amount);
  }
}
