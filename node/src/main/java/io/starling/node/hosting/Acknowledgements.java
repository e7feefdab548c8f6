package io.starling.node.hosting;

import static java.util.Comparator.comparingLong;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.loop.LoopObserver;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.node.peer.PeerLinks;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Clients that wait until other members have acknowledged what their tokens cover.
///
/// One question goes out for each token when the first begins to wait for it. While somebody waits,
/// each member that has not answered is asked again, for the newest token and for the oldest: the
/// newest that it has applied answers all that it covers, and the oldest makes sure that each is
/// answered in the end. So what goes out again does not grow with those who wait.
final class Acknowledgements implements LoopObserver {

  /// Clients that may wait; a further one is told so before its transaction is made.
  static final int WAITING_MAX = 10_000;

  private static final Duration ASK_AGAIN = Duration.ofMillis(200);

  private final SpaceId space;
  private final HostParts.Identity identity;
  private final PeerLinks links;
  private final Supplier<Members> members;
  private final InstantSource clock;
  private final SpaceMeter meter;
  private final Map<ChainHash, Question> questions = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong asked = new AtomicLong();
  private final AtomicBoolean isAsking = new AtomicBoolean();
  private volatile Supplier<ReplicaId> self =
      () -> {
        throw new IllegalStateException("not attached yet");
      };

  Acknowledgements(
      SpaceId space,
      HostParts.Identity identity,
      PeerLinks links,
      Supplier<Members> members,
      InstantSource clock,
      SpaceMeter meter) {
    this.space = space;
    this.identity = identity;
    this.links = links;
    this.members = members;
    this.clock = clock;
    this.meter = meter;
  }

  /// A token that somebody waits for.
  ///
  /// @param order the later, the higher
  private record Question(long order, Token token, ConcurrentLinkedQueue<Tally> tallies) {

    boolean isOpenFor(KeyFingerprint member) {
      return tallies.stream().anyMatch(tally -> tally.isMissing(member));
    }
  }

  /// Says under which incarnation this node speaks; once, before anybody waits.
  void attach(Supplier<ReplicaId> incarnation) {
    self = incarnation;
  }

  Optional<String> objection(Level level) {
    if (level instanceof Level.Local) {
      return Optional.empty();
    }
    if (waiting.get() >= WAITING_MAX) {
      return Optional.of(
          "too many transactions wait for acknowledgements on this node; try again, or on another");
    }
    return tally(level).objection();
  }

  CompletionStage<Durability> acknowledge(Token token, Level level, Duration wait) {
    var tally = tally(level);
    var mine = sign(token);
    if (tally.isReached() || !mayWait()) {
      return CompletableFuture.completedStage(result(token, level, tally, mine));
    }
    var hash = Acknowledgement.hash(token);
    var question = questions.compute(hash, (_, known) -> with(tally, known, token));
    boolean isNew = tally.equals(question.tallies().peek());
    var answer = new CompletableFuture<Durability>();
    Thread.ofVirtual()
        .name("acknowledgements")
        .start(() -> {
          try {
            if (isNew) {
              tally.missing().forEach(member -> ask(member, question));
            }
            askOn();
            tally.await(wait.toNanos());
          } finally {
            questions.computeIfPresent(hash, (_, known) -> without(tally, known));
            waiting.decrementAndGet();
            answer.complete(result(token, level, tally, mine));
          }
        });
    return answer.minimalCompletionStage();
  }

  private boolean mayWait() {
    boolean mayWait = waiting.incrementAndGet() <= WAITING_MAX;
    if (!mayWait) {
      waiting.decrementAndGet();
    }
    return mayWait;
  }

  // Both inside the map's own step for the key, so that nobody joins a question that is just
  // dropped.
  private Question with(Tally tally, @Nullable Question known, Token token) {
    var question =
        known == null
            ? new Question(asked.incrementAndGet(), token, new ConcurrentLinkedQueue<>())
            : known;
    question.tallies().add(tally);
    return question;
  }

  private static @Nullable Question without(Tally tally, Question known) {
    known.tallies().remove(tally);
    return known.tallies().isEmpty() ? null : known;
  }

  @Override
  public void acknowledged(SignedAcknowledgement signed) {
    var covered = questions.get(signed.acknowledgement().covered());
    if (covered == null) {
      return;
    }
    var author = signed.acknowledgement().author().key();
    // A member that says again what it has said is not worth a look at all who wait.
    if (!covered.isOpenFor(author)) {
      return;
    }
    var statement = new Tally.Heard(covered.token(), signed);
    var vector = covered.token().vector();
    for (var question : questions.values()) {
      if (covers(vector, question.token())) {
        question.tallies().forEach(tally -> tally.hear(statement));
      }
    }
  }

  /// Whether one token covers another for certain: a head that is left out, since its replica was
  /// closed meanwhile, is asked about by itself.
  private static boolean covers(VersionVector newer, Token older) {
    return older.heads().stream().allMatch(head -> newer.seq(head.replica()) >= head.seq());
  }

  /// Has one thread ask again while somebody waits.
  private void askOn() {
    if (isAsking.compareAndSet(false, true)) {
      Thread.ofVirtual().name("acknowledgements-again").start(this::askWhileSomebodyWaits);
    }
  }

  private void askWhileSomebodyWaits() {
    do {
      try {
        while (!questions.isEmpty()) {
          Thread.sleep(ASK_AGAIN);
          askAgain();
        }
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        isAsking.set(false);
      }
      // Who came just now saw that somebody asks.
    } while (!questions.isEmpty() && isAsking.compareAndSet(false, true));
  }

  /// At most two questions to each member.
  private void askAgain() {
    var open = questions.values().stream().sorted(comparingLong(Question::order)).toList();
    for (var member : members.get().all()) {
      var oldest = open.stream().filter(it -> it.isOpenFor(member.key())).findFirst();
      var newest = open.reversed().stream().filter(it -> it.isOpenFor(member.key())).findFirst();
      Stream.of(newest, oldest)
          .flatMap(Optional::stream)
          .distinct()
          .forEach(question -> ask(member.key(), question));
    }
  }

  private void ask(KeyFingerprint member, Question question) {
    links.send(member, new Message.Ask(space, question.token()));
  }

  private Tally tally(Level level) {
    var others =
        members.get().all().stream().filter(it -> !it.key().equals(identity.key())).toList();
    return Tally.of(level, others, site());
  }

  private String site() {
    return members.get().find(identity.key()).map(Member::site).orElse("");
  }

  private SignedAcknowledgement sign(Token token) {
    var statement =
        new Acknowledgement(space, self.get(), Acknowledgement.hash(token), clock.millis());
    byte[] body = statement.toBytes();
    var signed = SigningDomain.acknowledgement(identity.cluster(), space, body);
    var acknowledgement =
        new SignedAcknowledgement(statement, body, identity.signer().sign(signed));
    meter.receiptSigned();
    return acknowledgement;
  }

  private Durability result(Token token, Level level, Tally tally, SignedAcknowledgement mine) {
    meter.levelAnswered(level, tally.isReached());
    var statements = new ArrayList<Durability.Statement>();
    statement(new Tally.Heard(token, mine)).ifPresent(statements::add);
    tally.heard().forEach(heard -> statement(heard).ifPresent(statements::add));
    var missing = tally.missing().stream().map(this::name).toList();
    return new Durability(token, tally.isReached(), tally.summary(), statements, missing);
  }

  private Optional<Durability.Statement> statement(Tally.Heard heard) {
    var author = heard.signed().acknowledgement().author().key();
    return members
        .get()
        .find(author)
        .map(member ->
            new Durability.Statement(
                author,
                member.name(),
                member.site(),
                member.certificate(),
                heard.token(),
                heard.signed()));
  }

  private String name(KeyFingerprint key) {
    return members.get().find(key).map(Member::name).orElse(key.toString());
  }

  /// How many clients wait now.
  int waiting() {
    return waiting.get();
  }
}
