package io.starling.simulation.workload;

import io.starling.crdt.cell.Path;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.Coverage;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Sessions at work: each reads or writes, waits for the answer, thinks, and goes on, mostly at its
/// own node and sometimes at another.
///
/// At another node it shows the token of all it has seen, and is turned away by a node that does
/// not have all of that yet; it then goes back to its own. Few sessions also write to `_system`,
/// whose advance the batches of `main` wait for.
public final class Workload implements Observer {

  /// Elements of a set that a read shows.
  public static final int ELEMENTS_MAX = 1_000;

  /// Counts of committed requests begin so, and end with what they changed.
  public static final String CHANGED = "changed: ";

  private static final int SYSTEM_PER_MILLE = 30;
  private static final int BURST_PER_MILLE = 100;
  private static final int BURST_MOST = 6;
  private static final int ASK_PER_MILLE = 200;
  private static final int LISTED_PER_MILLE = 400;
  private static final int SESSIONS_OF_A_JOINER = 2;
  private static final Duration CLIENTS_COME_MOST = Duration.ofSeconds(4);

  private final World world;
  private final WorkloadOptions options;
  private final Draws draws;
  private final Changes mutations;
  private final List<Session> sessions = new ArrayList<>();
  private final List<ReadObserver> readers = new ArrayList<>();
  private final TreeMap<Long, Request> requests = new TreeMap<>();
  private final TreeMap<Long, Session> waiting = new TreeMap<>();
  private boolean isOver;

  public Workload(World world, WorkloadOptions options, Draws draws) {
    this.world = world;
    this.options = options;
    this.draws = draws;
    mutations = options.kind().changes(draws.split("mutations"), options.keys());
    for (int number = 0; number < options.sessions(); number++) {
      sessions.add(new Session(number, number % world.nodes().size()));
    }
  }

  /// Adds an observer of reads.
  public void observe(ReadObserver reader) {
    readers.add(reader);
  }

  /// All requests so far, by id.
  public Collection<Request> requests() {
    return Collections.unmodifiableCollection(requests.values());
  }

  /// A request by its id.
  public Optional<Request> request(long id) {
    return Optional.ofNullable(requests.get(id));
  }

  public List<Session> sessions() {
    return Collections.unmodifiableList(sessions);
  }

  /// Lets all sessions begin, and each node announce itself in `_system`, unless nodes do that by
  /// themselves.
  public void start() {
    var silent = world.joining().isPossible() ? List.<SimulatedNode>of() : world.nodes();
    for (var node : honest(silent)) {
      var name = new Mutation.Increment(Path.of("members/" + node.number()), 1);
      submit(Optional.empty(), node.system(), Optional.empty(), List.of(name));
    }
    sessions.forEach(this::think);
  }

  /// Ends the work: no session begins anything more.
  public void stop() {
    isOver = true;
  }

  /// Writes something in an operator's name.
  public void operate(SimulatedSpace space, Mutation mutation) {
    submit(Optional.empty(), space, Optional.empty(), List.of(mutation));
  }

  /// Writes something in an operator's name, by what it has read before.
  public void operate(SimulatedSpace space, Token seen, List<Mutation> mutations) {
    submit(Optional.empty(), space, Optional.of(seen), mutations);
  }

  /// Writes something in the name of the node itself, also while it takes nothing of clients.
  public void administer(SimulatedSpace space, Mutation mutation) {
    if (space.isOpen()) {
      var request = request(space, Optional.empty(), List.of(mutation));
      space.write(submission(request));
    }
  }

  /// Has every node that is up write once more, so that the last thing said is news to all.
  public void writeOnceMore() {
    for (var node : honest(world.nodes())) {
      submit(Optional.empty(), node.main(), Optional.empty(), mutations.transaction());
      for (var space : listed(node)) {
        submit(Optional.empty(), space, Optional.empty(), mutations.transaction());
      }
    }
  }

  /// Clients of members that lie get what they are given, so there are none.
  private List<SimulatedNode> honest(List<SimulatedNode> nodes) {
    return nodes.stream().filter(node -> !world.liars().has(node)).toList();
  }

  @Override
  public void answered(SimulatedSpace space, long submission, Outcome outcome) {
    var request = requests.get(submission);
    if (request == null) {
      return;
    }
    request.answer(outcome);
    if (outcome instanceof Outcome.Committed(_, int operations, _) && operations > 0) {
      request.mutations().stream()
          .map(Workload::type)
          .distinct()
          .forEach(it -> world.counts().add(CHANGED + it));
    }
    world.counts().add(outcome instanceof Outcome.Committed ? "committed" : "refused");
    var session = waiting.remove(submission);
    if (session != null) {
      if (outcome instanceof Outcome.Committed(var token, int operations, _) && isMain(space)) {
        session.see(token);
        if (operations > 0) {
          session.wrote(submission);
        }
        if (draws.perMille(ASK_PER_MILLE)) {
          ask(space, token);
        }
      }
      session.isWaiting(false);
      think(session);
    }
  }

  private static String type(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Set _ -> "registers";
      case Mutation.Increment _ -> "counters";
      case Mutation.Reset _ -> "counters taken back";
      case Mutation.SetFlag _ -> "flags";
      case Mutation.AddElement _, Mutation.RemoveElement _ -> "sets";
      case Mutation.Merge _ -> "maps";
      case Mutation.Remove _ -> "values removed";
    };
  }

  /// Its client wants to know on which other nodes that is durable.
  private void ask(SimulatedSpace space, Token token) {
    var others =
        world.nodes().stream()
            .map(SimulatedNode::key)
            .filter(key -> !key.equals(space.node().key()))
            .toList();
    space.ask(others, token);
  }

  /// A new member has clients, too, sooner or later.
  @Override
  public void joined(SimulatedNode node, List<SimulatedNode> peers) {
    for (int i = 0; i < SESSIONS_OF_A_JOINER; i++) {
      var session = new Session(sessions.size(), node.number());
      sessions.add(session);
      long wait = draws.wait(Duration.ZERO, CLIENTS_COME_MOST);
      world.agenda().after(wait, () -> act(session));
    }
  }

  @Override
  public void crashed(SimulatedNode node) {
    for (var request : requests.values()) {
      boolean isLost =
          request.outcome().isEmpty() && !request.isUnknown() && request.space().node() == node;
      if (isLost) {
        request.lose();
        world.counts().add("unknown");
        Optional.ofNullable(waiting.remove(request.id()))
            .ifPresent(session -> {
              session.isWaiting(false);
              think(session);
            });
      }
    }
  }

  private void think(Session session) {
    world.agenda().after(draws.wait(options.think()), () -> act(session));
  }

  private void act(Session session) {
    if (isOver || session.isWaiting()) {
      return;
    }
    boolean roams = draws.perMille(options.roamPerMille());
    var node = world.nodes().get(roams ? draws.below(world.nodes().size()) : session.home());
    // Its clients know only where it was reached: some reach the copy.
    var copy = world.copy();
    if (copy.isUp() && copy.key().equals(node.key()) && roams) {
      node = copy;
    }
    if (!node.isUp() || node.isPaused() || world.liars().has(node)) {
      think(session);
      return;
    }
    if (draws.perMille(options.readPerMille())) {
      try {
        read(session, node);
      } catch (StorageFailure unreadable) {
        node.foundDamaged(String.valueOf(unreadable.getMessage()));
      }
      think(session);
    } else {
      write(session, node);
    }
  }

  private void read(Session session, SimulatedNode node) {
    var space = node.main();
    if (space.isRebuilding() || !hasSeen(session, space)) {
      return;
    }
    var key = mutations.key();
    var reader = space.reader();
    var view = reader.view(Path.of(key), ELEMENTS_MAX);
    var token = reader.token();
    world.counts().add("reads");
    readers.forEach(observer -> observer.read(session, space, key, view, token));
    session.show(new Session.Shown(key, view, token));
  }

  /// A write asks nothing of the node, unless its session insists on finding its own there.
  private void write(Session session, SimulatedNode node) {
    if (draws.perMille(SYSTEM_PER_MILLE)) {
      var path = Path.of("settings/" + draws.below(2));
      var change = new Mutation.AddElement(path, new Value.Int(draws.below(9)));
      submit(Optional.of(session), node.system(), Optional.empty(), List.of(change));
      return;
    }
    var listed = listed(node);
    if (!listed.isEmpty() && draws.perMille(LISTED_PER_MILLE)) {
      var space = draws.pick(listed);
      submit(Optional.of(session), space, Optional.empty(), mutations.transaction());
      return;
    }
    int burst = draws.perMille(BURST_PER_MILLE) ? draws.between(2, BURST_MOST) : 1;
    for (int i = 1; i < burst; i++) {
      submit(Optional.empty(), node.main(), Optional.empty(), mutations.transaction());
    }
    boolean isEdit = draws.perMille(options.narrowPerMille());
    var shown = session.shown();
    if (isEdit && shown.isPresent()) {
      var edit = mutations.edit(shown.get().key(), tallies(shown.get().view()));
      submit(Optional.of(session), node.main(), Optional.of(shown.get().token()), List.of(edit));
    } else {
      submit(Optional.of(session), node.main(), Optional.empty(), mutations.transaction());
    }
  }

  /// The spaces beside `_system` and `main`.
  private static List<SimulatedSpace> listed(SimulatedNode node) {
    var spaces = node.spaces();
    return spaces.subList(2, spaces.size());
  }

  private boolean hasSeen(Session session, SimulatedSpace space) {
    var reader = space.reader();
    boolean covers =
        session.seen().map(token -> reader.coverage(token) == Coverage.COVERED).orElse(true);
    if (!covers) {
      world.counts().add("turned away");
    }
    return covers;
  }

  private static Optional<List<NamedTally>> tallies(View view) {
    return view instanceof View.Counter(_, var shares) ? Optional.of(shares) : Optional.empty();
  }

  private void submit(
      Optional<Session> session,
      SimulatedSpace space,
      Optional<Token> context,
      List<Mutation> changes) {
    if (!space.isOpen()) {
      return;
    }
    var request = request(space, context, changes);
    session.ifPresent(one -> {
      one.isWaiting(true);
      waiting.put(request.id(), one);
    });
    space.submit(submission(request));
  }

  private Request request(SimulatedSpace space, Optional<Token> context, List<Mutation> changes) {
    long id = requests.size() + 1L;
    var request = new Request(id, space, context, changes);
    requests.put(id, request);
    world.counts().add("submitted");
    return request;
  }

  private static Submission submission(Request request) {
    return new Submission(
        request.id(), request.principal(), request.context(), request.mutations());
  }

  private boolean isMain(SimulatedSpace space) {
    return space.id().equals(world.mainId());
  }
}
