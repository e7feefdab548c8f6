package io.starling.client;

import io.starling.client.link.CallFailure;
import io.starling.client.link.Deadline;
import io.starling.client.link.Failover;
import io.starling.client.link.Node;
import io.starling.client.link.Route;
import io.starling.proto.v1.AcknowledgeRequest;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.Query;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.ReadResponse;
import io.starling.proto.v1.ScanRequest;
import io.starling.proto.v1.ScanResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// Work in one space that reads what it wrote and never something older than it has read, whichever
/// node answers. Safe to share between threads; costs nothing to make.
///
/// Reads wait, on the node that answers, for what the session has seen; where no node in reach has
/// it the call ends with `NOT_YET` when patience does. Writes wait for nothing.
public final class Session {

  private static final int QUERIES_MAX = 1_000;

  // What one node is given to catch up before another is asked.
  private static final Duration WAIT = Duration.ofSeconds(2);

  private final String space;
  private final Failover failover;
  private final Times times;
  private final SessionTokens tokens = new SessionTokens();

  /// @param attempt what one node may take
  /// @param watchPatience how long no node may answer a watch
  /// @param silence how long a watch may be silent
  record Times(Duration attempt, Duration watchPatience, Duration silence) {}

  Session(String space, Failover failover, Times times) {
    this.space = space;
    this.failover = failover;
    this.times = times;
  }

  /// What a place reads.
  ///
  /// @throws StarlingException if it is refused, or no node answers
  public Reading read(Place place) {
    return read(List.of(place)).getFirst();
  }

  /// What up to 1 000 places read, at one cut.
  public List<Reading> read(List<Place> places) {
    if (places.isEmpty() || places.size() > QUERIES_MAX) {
      throw new IllegalArgumentException("read 1 to " + QUERIES_MAX + " places at once");
    }
    var answer = query(places, Form.FORM_JSON);
    var token = Optional.of(new ReadToken(answer.getToken()));
    var readings = new ArrayList<Reading>();
    for (int i = 0; i < places.size(); i++) {
      readings.add(Reading.of(places.get(i), answer.getReadings(i), token));
    }
    return List.copyOf(readings);
  }

  /// What is at a place, with types, concurrent values and the shares of counters.
  public View view(Place place) {
    var answer = query(List.of(place), Form.FORM_VIEW);
    return new View(place, answer.getReadings(0).getView(), new ReadToken(answer.getToken()));
  }

  private ReadResponse query(List<Place> places, Form form) {
    var request = ReadRequest.newBuilder().setSpace(space).setForm(form);
    places.forEach(it -> request.addQueries(Query.newBuilder().setPath(it.message())));
    return asking((node, deadline) ->
        caughtUp(
            node,
            deadline,
            ReadResponse::getToken,
            (token, wait) -> {
              var asked = request.clone().setToken(token).setWait(wait).build();
              return node.call(
                  deadline.atMost(WAIT.plus(times.attempt())), stub -> stub.read(asked));
            }));
  }

  /// The keys that begin with a prefix and what they read, in the order of their bytes. Pages are
  /// asked for as the stream goes on; each is a cut of its own, never older than the one before.
  public Stream<Entry> scan(String prefix) {
    return entries(prefix, true)
        .map(it ->
            new Entry(
                it.getKey(), Reading.of(Place.at(it.getKey()), it.getReading(), Optional.empty())));
  }

  /// The keys that begin with a prefix.
  public Stream<String> keys(String prefix) {
    return entries(prefix, false).map(io.starling.proto.v1.Entry::getKey);
  }

  private Stream<io.starling.proto.v1.Entry> entries(String prefix, boolean withValues) {
    var request =
        ScanRequest.newBuilder()
            .setSpace(space)
            .setPrefix(prefix)
            .setValues(withValues)
            .setForm(Form.FORM_JSON);
    var pages =
        new Pages(after ->
            asking((node, deadline) -> scanned(node, deadline, request.clone().setAfter(after))));
    int traits = Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(pages, traits), false);
  }

  private ScanResponse scanned(Node node, Deadline deadline, ScanRequest.Builder request)
      throws CallFailure {
    return caughtUp(
        node,
        deadline,
        ScanResponse::getToken,
        (token, wait) -> {
          var asked = request.clone().setToken(token).setWait(wait).build();
          return node.call(deadline.atMost(WAIT.plus(times.attempt())), stub -> stub.scan(asked));
        });
  }

  /// Waits until a node has all that the session has seen.
  void catchUp(Node node, String prefix) throws CallFailure {
    var request = ScanRequest.newBuilder().setSpace(space).setPrefix(prefix).setLimit(1);
    var _ = scanned(node, Deadline.after(WAIT.plus(times.attempt())), request);
  }

  /// Makes a transaction, durable on the node that answers.
  ///
  /// @throws OutcomeUnknownException if it may have been made; any other [StarlingException] means
  ///   that it was not
  public Applied apply(Transaction transaction) {
    return apply(transaction, Optional.empty());
  }

  /// Makes a transaction, and waits until it is durable on other members too.
  public Applied apply(Transaction transaction, Level level) {
    return apply(transaction, Optional.of(level));
  }

  private Applied apply(Transaction transaction, Optional<Level> level) {
    var route = new Route(failover.nodes().fromCurrent(), transaction.mayRepeat());
    return along(route, transaction, level);
  }

  /// Asks the node that may have made a transaction again, and it alone, until patience ends. It
  /// makes it if it has not.
  ///
  /// @throws OutcomeUnknownException if it does not answer, or refuses: a refusal may come before
  ///   it looks whether it had made it, and tells nothing of the first try
  public Applied applyAgain(OutcomeUnknownException unknown) {
    var route = new Route(List.of(unknown.where()), false);
    // It was in doubt before this try, and is until it is answered.
    route.failed(false);
    return along(route, unknown.transaction(), Optional.empty());
  }

  private Applied along(Route route, Transaction transaction, Optional<Level> level) {
    var request = ApplyRequest.newBuilder().setSpace(space).setTransaction(transaction.message());
    level.ifPresent(it -> request.setLevel(it.message()));
    var beside = level.map(Level::patience).orElse(Duration.ZERO);
    var limit = times.attempt().plus(beside);
    try {
      return failover.along(
          route,
          beside,
          (node, deadline) -> {
            var start = tokens.begin(node);
            var answer = node.call(deadline.atMost(limit), stub -> stub.apply(request.build()));
            var applied = Applied.of(answer);
            tokens.wrote(start, applied.token());
            return applied;
          });
    } catch (Failover.GivenUp failed) {
      throw failed.isInDoubt()
          ? new OutcomeUnknownException(transaction, failed.node(), failed.last())
          : new StarlingException(failed.last());
    }
  }

  /// On which other members something is durable by now.
  ///
  /// @param token of a write: stands for it and for all that it saw
  public Durability acknowledged(ReadToken token, Level level) {
    var request =
        AcknowledgeRequest.newBuilder()
            .setSpace(space)
            .setToken(token.bytes())
            .setLevel(level.message())
            .build();
    var limit = times.attempt().plus(level.patience());
    var answer =
        asking(
            level.patience(),
            (node, deadline) ->
                node.call(deadline.atMost(limit), stub -> stub.acknowledge(request)));
    return Durability.of(answer.getDurability());
  }

  /// As [#read], on a virtual thread.
  public CompletionStage<Reading> readAsync(Place place) {
    return async(() -> read(place));
  }

  /// As [#apply], on a virtual thread.
  public CompletionStage<Applied> applyAsync(Transaction transaction) {
    return async(() -> apply(transaction));
  }

  private static <R> CompletionStage<R> async(Supplier<R> call) {
    return CompletableFuture.supplyAsync(call, Thread::startVirtualThread).minimalCompletionStage();
  }

  /// Tells each subscriber what is under a prefix, beginning with the state, and what changes
  /// there. What it is told, this session has read.
  public Flow.Publisher<WatchEvent> watch(String prefix) {
    return publisher(prefix, new Watching.From.State());
  }

  /// Tells only what changes from now on.
  public Flow.Publisher<WatchEvent> watchChanges(String prefix) {
    return publisher(prefix, new Watching.From.Now());
  }

  /// Goes on where a watch, of any client on any node, had come to.
  public Flow.Publisher<WatchEvent> watchFrom(String prefix, ReadToken token) {
    return publisher(prefix, new Watching.From.Token(token));
  }

  private Flow.Publisher<WatchEvent> publisher(String prefix, Watching.From from) {
    var what = new Watching.What(space, prefix, from, times.watchPatience(), times.silence());
    return subscriber -> new Watching(this, failover.nodes(), what, subscriber).start();
  }

  SessionTokens tokens() {
    return tokens;
  }

  /// Takes over what another session, perhaps of another process, has seen.
  ///
  /// @throws IllegalStateException if 16 were joined since the last read
  public void join(ReadToken token) {
    tokens.join(token);
  }

  /// What the session has seen: one token, or several that together cover it. One read makes them
  /// one.
  public List<ReadToken> seen() {
    return tokens.all();
  }

  private interface Asked<R> {
    R at(com.google.protobuf.ByteString token, com.google.protobuf.Duration wait)
        throws CallFailure;
  }

  // The same question once for each token that is to be waited for, nearly always one: only the
  // last answer comes of a cut that covers them all.
  private <R> R caughtUp(
      Node node,
      Deadline deadline,
      java.util.function.Function<R, com.google.protobuf.ByteString> token,
      Asked<R> question)
      throws CallFailure {
    var start = tokens.begin(node);
    var awaited = start.awaited();
    R answer =
        question.at(
            awaited.isEmpty() ? com.google.protobuf.ByteString.EMPTY : awaited.getFirst().bytes(),
            wait(deadline));
    for (var next : awaited.stream().skip(1).toList()) {
      answer = question.at(next.bytes(), wait(deadline));
    }
    tokens.read(start, new ReadToken(token.apply(answer)));
    return answer;
  }

  private static com.google.protobuf.Duration wait(Deadline deadline) {
    var wait = deadline.atMost(WAIT);
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(wait.toSeconds())
        .setNanos(wait.toNanosPart())
        .build();
  }

  private <R> R asking(Failover.Attempt<R> attempt) {
    return asking(Duration.ZERO, attempt);
  }

  private <R> R asking(Duration beside, Failover.Attempt<R> attempt) {
    try {
      return failover.ask(beside, attempt);
    } catch (Failover.GivenUp failed) {
      throw new StarlingException(failed.last());
    }
  }
}
