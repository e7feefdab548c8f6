package io.starling.faults;

import io.starling.client.Applied;
import io.starling.client.OutcomeUnknownException;
import io.starling.client.Place;
import io.starling.client.Session;
import io.starling.client.StarlingClient;
import io.starling.client.StarlingException;
import io.starling.client.Transaction;
import io.starling.client.Value;
import io.starling.client.View;
import io.starling.faults.history.Call;
import io.starling.faults.history.Change;
import io.starling.faults.history.Cut;
import io.starling.faults.history.Operation.Read;
import io.starling.faults.history.Operation.Seen;
import io.starling.faults.history.Operation.Write;
import io.starling.faults.history.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// A client that reads and writes: stays with its node, which owes it an answer, or goes from node
/// to node with what it has seen.
final class Worker implements Runnable {

  private static final String SPACE = "main";
  private static final int ELEMENTS = 6;
  private static final int AMOUNT_MAX = 1_000;
  private static final int PAUSE_MILLIS_MAX = 60;

  /// One that goes about does so after each call with this chance in a hundred.
  private static final int MOVES_PERCENT = 15;

  private static final int TRIES_MAX = 10;

  /// A session takes so many from elsewhere before it has to read.
  private static final int TOKENS_MAX = 16;

  private final String name;
  private final List<StarlingClient> clients;
  private final boolean isRoaming;
  private final Objects objects;
  private final Recorder recorder;
  private final Random random;
  private final List<Pending> pending = new ArrayList<>();
  private int node;
  private Session session;
  private volatile boolean isStopped;

  /// A write of which its client does not know what became of it.
  private record Pending(
      Write write, OutcomeUnknownException unknown, Session session, boolean isConditional) {}

  /// What a worker is about to write.
  ///
  /// @param isConditional whether it is to be refused where the object has changed since
  private record Intent(
      Objects.Next next, Change change, Optional<Seen> seen, boolean isConditional) {}

  /// @param clients one for each node, which asks no other
  /// @param node with which it begins
  Worker(
      String name,
      List<StarlingClient> clients,
      int node,
      boolean isRoaming,
      Objects objects,
      Recorder recorder,
      Random random) {
    this.name = name;
    this.clients = clients;
    this.node = node;
    this.isRoaming = isRoaming;
    this.objects = objects;
    this.recorder = recorder;
    this.random = random;
    this.session = clients.get(node).session(SPACE);
  }

  @Override
  public void run() {
    try {
      while (!isStopped) {
        act();
        if (isRoaming && random.nextInt(100) < MOVES_PERCENT) {
          move();
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(PAUSE_MILLIS_MAX));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  void stop() {
    isStopped = true;
  }

  /// Reads, so that there is a connection.
  void greet() {
    for (int tries = 0; read(objects.some(random)).isEmpty(); tries++) {
      if (tries == TRIES_MAX) {
        throw new AssertionError(name + " is not answered");
      }
    }
  }

  private void act() {
    int chance = random.nextInt(100);
    if (chance < 30) {
      var _ = read(objects.some(random));
    } else if (chance < 60) {
      writeBlindly();
    } else {
      edit();
    }
  }

  /// Goes to some node, unless it has seen more than one can take along without a read.
  private void move() {
    var seen = session.seen();
    if (seen.size() <= TOKENS_MAX) {
      node = random.nextInt(clients.size());
      session = clients.get(node).session(SPACE);
      seen.forEach(session::join);
    }
  }

  private Optional<View> read(String object) {
    long from = recorder.millis();
    try {
      var view = session.view(Place.at(object));
      recorder.add(new Read(call(from), object, Optional.of(Views.cut(view)), ""));
      return Optional.of(view);
    } catch (StarlingException failed) {
      recorder.add(new Read(call(from), object, Optional.empty(), note(failed)));
      return Optional.empty();
    }
  }

  private Call call(long from) {
    return new Call(name, Wires.name(node), !isRoaming, from, recorder.millis());
  }

  private static String note(StarlingException failed) {
    return failed.code() + " " + failed.reason() + " " + failed.getMessage();
  }

  /// Adds to what is there, whatever it is.
  void writeBlindly() {
    var next = objects.next(random);
    var change =
        random.nextBoolean()
            ? new Change.Count(random.nextInt(AMOUNT_MAX) - AMOUNT_MAX / 4)
            : new Change.Add(random.nextInt(ELEMENTS));
    write(new Intent(next, change, Optional.empty(), false), Transaction.begin());
  }

  /// Answers to what is there.
  private void edit() {
    var next = objects.next(random);
    var view = read(next.object());
    if (view.isEmpty()) {
      // Its number stays unused.
      return;
    }
    var cut = Views.cut(view.get());
    boolean isConditional = isRoaming && random.nextBoolean();
    boolean isElsewhere = isRoaming && random.nextBoolean();
    if (isElsewhere) {
      // Perhaps to where it is.
      move();
    }
    var seen = new Seen(cut.writes(), !isElsewhere || isConditional);
    var transaction = view.get().edit();
    if (isConditional) {
      transaction.ifUnchangedSince(view.get().token());
    }
    write(new Intent(next, change(cut), Optional.of(seen), isConditional), transaction);
  }

  private Change change(Cut cut) {
    return switch (random.nextInt(4)) {
      case 0 -> new Change.Count(random.nextInt(AMOUNT_MAX));
      case 1 -> new Change.Add(random.nextInt(ELEMENTS));
      case 2 -> new Change.Assign();
      default ->
          cut.items().isEmpty()
              ? new Change.Assign()
              : new Change.Remove(List.copyOf(cut.items()).get(random.nextInt(cut.items().size())));
    };
  }

  private void write(Intent intent, Transaction.Builder transaction) {
    var key = intent.next().object();
    int number = intent.next().number();
    switch (intent.change()) {
      case Change.Count(long amount) -> transaction.increment(Place.at(key, "count"), amount);
      case Change.Add(int element) -> transaction.add(Place.at(key, "items"), Value.of(element));
      case Change.Remove(int element) ->
          transaction.removeElements(Place.at(key, "items"), Value.of(element));
      case Change.Assign() -> transaction.set(Place.at(key, "value"), Value.of(number));
    }
    var built =
        transaction
            .add(Place.at(key, "writes"), Value.of(number))
            .key(key.replace('/', '-') + "-" + number)
            .build();
    long from = recorder.millis();
    try {
      heed(session.apply(built));
      recorder.add(written(intent, call(from), Outcome.DONE, ""));
    } catch (OutcomeUnknownException unknown) {
      var write = written(intent, call(from), Outcome.UNKNOWN, note(unknown));
      ask(new Pending(write, unknown, session, intent.isConditional()));
    } catch (StarlingException refused) {
      recorder.add(written(intent, call(from), Outcome.REFUSED, note(refused)));
    }
  }

  private void heed(Applied applied) {
    if (applied.isRepeat()) {
      recorder.addRepeat();
    }
  }

  private static Write written(Intent intent, Call call, Outcome outcome, String note) {
    return new Write(
        call,
        intent.next().object(),
        intent.next().number(),
        intent.change(),
        intent.seen(),
        outcome,
        note);
  }

  /// Asks the same node again, and leaves it for later if that does not say that it was done.
  private void ask(Pending asked) {
    var answered = askAgain(asked);
    if (answered.outcome() == Outcome.UNKNOWN) {
      pending.add(asked);
    } else {
      recorder.add(answered);
    }
  }

  // Not done is what nobody says of a write that was in doubt. A node that has made it says so
  // before it looks at a condition, as long as it remembers; but it may refuse before it looks at
  // either, so the client takes no refusal for an answer to what became of the first try.
  private Write askAgain(Pending asked) {
    var write = asked.write();
    var note = write.note() + "; asked again";
    try {
      heed(asked.session().applyAgain(asked.unknown()));
      return told(write, Outcome.DONE, note);
    } catch (OutcomeUnknownException still) {
      return told(write, Outcome.UNKNOWN, note + ": " + note(still));
    }
  }

  private Write told(Write write, Outcome outcome, String note) {
    var call = write.call();
    var now =
        new Call(
            call.session(), call.node(), call.isOwed(), call.invokedMillis(), recorder.millis());
    return new Write(
        now, write.object(), write.number(), write.change(), write.seen(), outcome, note);
  }

  /// Once it has stopped and nothing goes wrong any more: asks for every second write that is in
  /// doubt once more, which must be answered, unless the write had a condition: that may be
  /// refused, and then stays in doubt. So do the others.
  ///
  /// @return how many were in doubt
  int resolve() {
    for (int i = 0; i < pending.size(); i++) {
      var asked = pending.get(i);
      boolean isOwed = i % 2 == 0 && !asked.isConditional();
      recorder.add(isOwed ? answered(asked) : asked.write());
    }
    return pending.size();
  }

  private Write answered(Pending asked) {
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      var told = askAgain(asked);
      if (told.outcome() != Outcome.UNKNOWN) {
        return told;
      }
    }
    throw new AssertionError("nobody can say what became of " + asked.write());
  }
}
